//go:build !linux

package reader

// forgetMapped would inform the system that bytes are not read again.
func forgetMapped([]byte, int64, int64) {}
