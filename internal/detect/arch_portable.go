//go:build !(amd64 || arm64) || concdoctor_portable

package detect

const fastExpected = false
