//go:build !(amd64 || arm64) || concdoctor_portable

package callers

// Fast is false: this build walks no frame pointers.
const Fast = false

// Walk must not be called where Fast is false.
func Walk(*Short) { panic("callers: no frame pointers in this build") }

// MarkHere must not be called where Fast is false.
func MarkHere(*Mark) { panic("callers: no frame pointers in this build") }

// MarkCaller must not be called where Fast is false.
func MarkCaller(*Mark) { panic("callers: no frame pointers in this build") }

// resume must not be called where Fast is false.
func resume(uint32, *Short) uintptr { panic("callers: no frame pointers in this build") }
