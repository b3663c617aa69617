//go:build !linux

package memory

// available is not known here without a foreign module.
func available() int64 { return 2 * mostByDefault }
