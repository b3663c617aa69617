//go:build (!(amd64 || arm64) || concdoctor_portable) && !concdoctor_off

package agent

const fastExpected = false
