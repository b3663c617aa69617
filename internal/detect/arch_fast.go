//go:build (amd64 || arm64) && !concdoctor_portable

package detect

// fastExpected says that this build has assembly for identity and stacks, so that
// their absence is worth a line.
const fastExpected = true
