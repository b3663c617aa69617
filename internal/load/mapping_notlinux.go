//go:build !linux

package load

// forgetMapped would tell the system that bytes are not read again.
func forgetMapped([]byte, int64, int64) {}
