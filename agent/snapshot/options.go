package snapshot

import "time"

// Options say what a snapshot may cost.
type Options struct {
	// MaxStacks is the number of goroutines of the process up to which their current
	// stacks are taken. The runtime stops the program for that, for some microseconds
	// a goroutine. Zero means DefaultMaxStacks, less than zero takes none.
	MaxStacks int
	// MaxPause is for how long the program may be stopped for that, by what the last
	// time took. Zero means DefaultMaxPause, less than zero any time.
	MaxPause time.Duration
}

const (
	// DefaultMaxStacks is more goroutines than a person looks through.
	DefaultMaxStacks = 2000
	// DefaultMaxPause is a time that few services notice.
	DefaultMaxPause = 5 * time.Millisecond
)
