package agent

import "sync"

// The names of package sync in which no goroutine ever waits for another.
type (
	// Locker is sync.Locker.
	Locker = sync.Locker
	// Map is sync.Map.
	Map = sync.Map
	// Pool is sync.Pool.
	Pool = sync.Pool
)
