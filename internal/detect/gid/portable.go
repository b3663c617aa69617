//go:build !(amd64 || arm64) || concdoctor_portable

package gid

// Fast is false: this build reads no g.
const Fast = false

// Pointer returns 0.
func Pointer() uintptr { return 0 }

// ID must not be called where Fast is false.
func ID(uintptr) uint64 { panic("gid: no fast id in this build") }

// Ended returns false: unknown.
func Ended(uintptr, uint64) bool { return false }

// IsWaiting returns true: unknown.
func IsWaiting(uintptr, uint64) bool { return true }

// Parent returns 0: unknown.
func Parent(uintptr) uint64 { return 0 }

// Creator returns 0: unknown.
func Creator(uintptr) uintptr { return 0 }
