package replay

import "github.com/concdoctor/concdoctor/internal/trace/stream"

// Crowd is how many goroutines do what, kept once for all passes. A goroutine counts
// as the user's or not by what was known of it when it came to its present state.
type Crowd struct {
	// User are the user's goroutines by state.
	User [stream.States]int64
	// Woken are those of User[Runnable] that did not run before: they were created,
	// woken, or came back from a system call.
	Woken int64
	// MostRunning is the maximum of User[Running].
	MostRunning int64

	running int64 // the runtime's own too
	since   int64 // of the counts
	ran     int64 // integral of User[Running] until since
	ranAll  int64 // integral of running until since
}

// Ran returns how long the user's goroutines have run up to now, added up.
func (t *Trace) Ran() int64 { return t.Crowd.ran + t.Crowd.User[stream.Running]*(t.Now-t.Crowd.since) }

// RanAll returns how long all goroutines have run up to now, the runtime's own too.
func (t *Trace) RanAll() int64 { return t.Crowd.ranAll + t.Crowd.running*(t.Now-t.Crowd.since) }

// Settle passes on the time since the crowd last changed. It comes before
// whatever changes, in the crowd or in what a pass knows of its own.
func (t *Trace) Settle() {
	c := &t.Crowd
	d := t.Now - c.since
	if d == 0 {
		return
	}
	for _, f := range t.elapses {
		f(d)
	}
	c.ran += c.User[stream.Running] * d
	c.ranAll += c.running * d
	c.since = t.Now
}

// move counts the goroutine in a new state. One that begins comes from NoState, one
// that ends goes there. The trace is settled.
func (c *Crowd) move(g *Goroutine, from, to stream.State) {
	if from == stream.Running {
		c.running--
	}
	c.User[g.counted]--
	if g.counted == stream.Runnable && !g.Yielded {
		c.Woken--
	}
	if to == stream.Running {
		c.running++
	}
	if to == stream.Runnable {
		g.Yielded = from == stream.Running
	}
	if g.counted = to; g.System {
		g.counted = stream.NoState
	}
	c.User[g.counted]++
	switch {
	case g.counted == stream.Runnable && !g.Yielded:
		c.Woken++
	case g.counted == stream.Running:
		c.MostRunning = max(c.MostRunning, c.User[stream.Running])
	}
}
