//go:build !concdoctor_off

package agent

import "github.com/concdoctor/concdoctor/agent/internal/callers"

// Go runs f in a new goroutine, as the go statement does. The agent then knows
// where the goroutine was created, and when it ends; of a goroutine that a plain go
// statement started it knows less. A panic in f ends the program, as always.
func Go(f func()) {
	var at callers.Short
	callers.Take(&at)
	start(at[0], f, nil)
}

// start runs f in a new goroutine that counts as created at the program counter,
// and after it end, if not nil, also if f panics or calls runtime.Goexit.
func start(creator uintptr, f, end func()) {
	var before *stamp
	if parent := current(); parent != nil {
		before = parent.release()
	}
	go func() {
		g := current()
		if g == nil { // detection is off
			if end != nil {
				defer end()
			}
			f()
			return
		}
		g.creator = creator
		g.acquire(before)
		defer g.finish(g.identity(), end)
		f()
	}()
}

// finish notes that the goroutine with this id ends. What it holds it will never
// release.
//
//go:norace
func (g *goroutine) finish(id uint64, end func()) {
	if end != nil {
		end()
	}
	if now := current(); now != g {
		return // detection was switched off meanwhile
	}
	std.watch.abandon(id, g.creator, g.snapshot())
	g.n, g.hash = 0, 0
	g.timeline.forget()
	g.gone.Store(id)
	std.states.ended(g, id)
}
