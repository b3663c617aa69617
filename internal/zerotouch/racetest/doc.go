// Package racetest tests programs that watch their accesses to memory, as they run: the
// tests of Go's own race detector, judged as that judges them, and the traps that the detector has met.
package racetest
