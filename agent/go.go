//go:build !concdoctor_off

package agent

import "github.com/concdoctor/concdoctor/internal/detect"

// Go runs f in a new goroutine, as a go statement does. The agent then knows where the
// goroutine was created, what its creator held, and when it ends; it knows less about a
// goroutine that a plain go statement started. A panic in f ends the program, as always.
//
// As with a go statement, the call “synchronizes before” the start of f.
//
//go:noinline
func Go(f func()) {
	spawned := detect.Spawn()
	go func() { spawned.Run(f) }()
}
