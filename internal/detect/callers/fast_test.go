//go:build (amd64 || arm64) && !concdoctor_portable

package callers

const expectFast = true
