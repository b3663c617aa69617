//go:build !(amd64 || arm64) || concdoctor_portable

package callers

// Fast is false: this build walks no frame pointers.
const Fast = false

// Walk must not be called where Fast is false.
func Walk(*Short) { panic("callers: no frame pointers in this build") }
