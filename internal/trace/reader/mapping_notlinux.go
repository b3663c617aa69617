//go:build !linux

package reader

// forgetMapped would tell the system that bytes are not read again.
func forgetMapped([]byte, int64, int64) {}
