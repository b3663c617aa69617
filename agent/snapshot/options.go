package snapshot

// Options say what a snapshot may cost.
type Options struct {
	// MaxStacks is the number of goroutines of the process up to which their current
	// stacks are taken. The runtime stops the program for that, for some microseconds
	// a goroutine. Zero means DefaultMaxStacks, less than zero takes none.
	MaxStacks int
}

// DefaultMaxStacks keeps the stop below some ten milliseconds.
const DefaultMaxStacks = 2000
