//go:build (amd64 || arm64) && !concdoctor_portable && !concdoctor_off

package agent

// fastExpected says that this build has assembly for identity and stacks, so that
// their absence is worth a line.
const fastExpected = true
