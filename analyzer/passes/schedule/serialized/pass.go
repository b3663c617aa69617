package serialized

import (
	"github.com/concdoctor/concdoctor/analyzer/internal/replay"
	"github.com/concdoctor/concdoctor/analyzer/internal/stream"
)

// wait is what one line has waited for its lock.
type wait struct {
	stack  stream.StackID
	reason stream.Reason
	nanos  int64
	count  int64
}

// member is what the pass keeps for a live goroutine.
type member struct {
	state   stream.State
	waiting bool // for a lock
	counted bool
	// partner says that it has waited for a lock or woken one who did.
	partner bool
}

// pass is the state of the analysis.
type pass struct {
	tr      *replay.Trace
	members replay.PerG[member]

	// How many user goroutines run, run and are partners, are ready, wait for locks.
	running, partners, ready, waiting int
	since                             int64

	// While somebody waits: the time, and goroutine time in it.
	contended                               int64
	ranThen, partnersThen, readyThen, stood int64

	// levels are by how many wanted to run.
	levels [maxLevel + 1]level

	waits map[stream.FrameID]*wait // by line of the Lock
	wakes map[stream.StackID]int64 // by stack of the Unlock
}

// New returns the pass of the rule serialized.
func New(tr *replay.Trace) replay.Pass {
	p := &pass{tr: tr, waits: make(map[stream.FrameID]*wait), wakes: make(map[stream.StackID]int64)}
	return replay.Pass{
		Name:   "serialized",
		States: stream.Waiting.Set(),
		Create: func(g *replay.Goroutine) {
			if !g.System {
				p.enter(g, g.State, false)
			}
		},
		Change: p.change,
		Span:   p.span,
		Exit: func(g *replay.Goroutine) {
			p.leave(p.members.At(g))
			p.members.Clear(g)
		},
		Finish: p.finish,
	}
}

func (p *pass) change(g *replay.Goroutine, ev *stream.Event) {
	p.leave(p.members.At(g))
	if !g.System {
		p.enter(g, ev.To, ev.To == stream.Waiting && p.isUserLock(ev.Reason, ev.Stack))
	}
}

// isUserLock tells a lock in user code from those of the standard library, which
// the user cannot split.
func (p *pass) isUserLock(r stream.Reason, stack stream.StackID) bool {
	return r.IsLock() && r != stream.SyncLock && r != stream.Once && stack != 0 && !p.tr.Frame(p.tr.Site(stack)).Standard
}

func (p *pass) enter(g *replay.Goroutine, to stream.State, waiting bool) {
	p.advance()
	m := p.members.At(g)
	m.counted, m.state, m.waiting = true, to, waiting
	m.partner = m.partner || waiting
	p.add(m, 1)
}

func (p *pass) leave(m *member) {
	p.advance()
	if m.counted {
		p.add(m, -1)
	}
	m.counted = false
}

func (p *pass) add(m *member, n int) {
	switch {
	case m.waiting:
		p.waiting += n
	case m.state == stream.Runnable:
		p.ready += n
	case m.state == stream.Running:
		p.running += n
		if m.partner {
			p.partners += n
		}
	}
}

// advance adds the time since the last change to the sums.
func (p *pass) advance() {
	d := p.tr.Now - p.since
	p.since = p.tr.Now
	if n := p.running + p.ready + p.waiting; n > 0 && n <= maxLevel {
		p.levels[n].nanos += d
		p.levels[n].ran += int64(p.running) * d
	}
	if p.waiting == 0 || d == 0 {
		return
	}
	p.contended += d
	p.ranThen += int64(p.running) * d
	p.partnersThen += int64(p.partners) * d
	p.readyThen += int64(p.ready) * d
	p.stood += int64(p.waiting) * d
}

// span tallies a wait, and makes its waker a partner.
func (p *pass) span(s *replay.Span) {
	if s.G.System || !p.isUserLock(s.Reason, s.Stack) {
		return
	}
	site := p.tr.Site(s.Stack)
	w := p.waits[site]
	if w == nil {
		w = &wait{stack: s.Stack, reason: s.Reason}
		p.waits[site] = w
	}
	w.nanos += s.Nanos()
	w.count++
	if s.Waker == nil || s.Waker.System {
		return
	}
	p.wakes[s.WakerStack]++
	if m := p.members.At(s.Waker); !m.partner {
		p.leave(m)
		m.partner = true
		p.enter(s.Waker, s.Waker.State, false)
	}
}
