package serialized

import (
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
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
	waiting bool // for a lock
	// partner says that it has waited for a lock or woken one that did, runs that it is
	// counted as one of those that run.
	partner, runs bool
}

// pass is the state of the analysis.
type pass struct {
	tr      *replay.Trace
	members replay.PerG[member]

	partners, waiting int64 // how many run and are partners, wait for locks

	// While a goroutine waits: the time, and goroutine time in it.
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
		Change: p.change,
		Elapse: p.elapse,
		Span:   p.span,
		Exit: func(g *replay.Goroutine) {
			p.leave(p.members.At(g))
			p.members.Clear(g)
		},
		Finish: p.finish,
	}
}

func (p *pass) change(g *replay.Goroutine, ev *stream.Event) {
	m := p.members.At(g)
	p.leave(m)
	switch {
	case g.System:
	case ev.To == stream.Running:
		p.runs(m)
	case ev.To == stream.Waiting && p.isUserLock(ev.Reason, ev.Stack):
		m.waiting, m.partner = true, true
		p.waiting++
	}
}

// isUserLock distinguishes a lock in user code from those of the standard library, which
// the user cannot split.
func (p *pass) isUserLock(r stream.Reason, stack stream.StackID) bool {
	return r.IsLock() && r != stream.SyncLock && r != stream.Once && stack != 0 && !p.tr.Frame(p.tr.Site(stack)).Standard
}

// runs counts a partner that runs.
func (p *pass) runs(m *member) {
	if m.partner && !m.runs {
		m.runs = true
		p.partners++
	}
}

// leave takes back what the goroutine was counted as.
func (p *pass) leave(m *member) {
	if m.waiting {
		m.waiting = false
		p.waiting--
	}
	if m.runs {
		m.runs = false
		p.partners--
	}
}

// elapse adds the time since the last change to the sums.
func (p *pass) elapse(d int64) {
	running, ready := p.tr.Crowd.User[stream.Running], p.tr.Crowd.User[stream.Runnable]
	if n := running + ready + p.waiting; n > 0 && n <= maxLevel {
		p.levels[n].nanos += d
		p.levels[n].ran += running * d
	}
	if p.waiting == 0 {
		return
	}
	p.contended += d
	p.ranThen += running * d
	p.partnersThen += p.partners * d
	p.readyThen += ready * d
	p.stood += p.waiting * d
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
	m := p.members.At(s.Waker)
	m.partner = true
	if s.Waker.State == stream.Running {
		p.runs(m)
	}
}
