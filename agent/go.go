//go:build !concdoctor_off

package agent

import "github.com/concdoctor/concdoctor/internal/detect"

// Go runs f in a new goroutine, as the go statement does. The agent then knows
// where the goroutine was created, and when it ends; of a goroutine that a plain go
// statement started it knows less. A panic in f ends the program, as always.
//
//go:noinline
func Go(f func()) {
	spawned := detect.Spawn()
	go func() { spawned.Run(f) }()
}
