package loop

import (
	"cmp"
	"strings"

	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// slowNanos is how long a handler may keep the other events waiting. 10 ms is what a
// person at a screen does not notice, and the scheduler's own time slice.
const slowNanos = 10_000_000

// site is what a stack means for this pass.
type site struct {
	known bool
	line  line
	// user says that the line is user code, so that its waits are the user's own.
	user bool
	// receives says that the leaf takes from a channel, for a stack that wakes others.
	receives bool
	// listens says that the leaf accepts connections or packets.
	listens bool
}

// pass is the state of the analysis.
type pass struct {
	tr     *replay.Trace
	sites  []site // by StackID
	states replay.PerG[state]
	kinds  map[kindKey]*kind
	ended  map[stream.FrameID]candidate // by home line
	named  map[string]*named
}

// candidate is a life with its kind, which may turn out to be a pool later.
type candidate struct {
	*life
	kind *kind
}

// work is what the loop did.
func (c candidate) work() work {
	home := &c.lines[c.home]
	return work{c.trips.count, c.trips.sum, home.first, home.last}
}

// New returns the pass of the loop family.
func New(tr *replay.Trace) replay.Pass {
	p := &pass{tr: tr, kinds: make(map[kindKey]*kind), ended: make(map[stream.FrameID]candidate), named: make(map[string]*named)}
	return replay.Pass{
		Name:   "loop",
		States: stream.Running.Set() | stream.Waiting.Set() | stream.Syscall.Set(),
		Create: func(g *replay.Goroutine) { p.kindOf(g, p.states.At(g)) },
		Change: p.change,
		To:     stream.Running.Set() | stream.Waiting.Set() | stream.Syscall.Set(),
		Other:  p.region,
		Span:   p.span,
		Exit:   p.exit,
		Open:   func(s *replay.Span) { p.settle(s.G) },
		Finish: p.finish,
	}
}

// change counts the runs of those that feed a loop: what they send while the loop is
// away queues up without an event of its own.
func (p *pass) change(g *replay.Goroutine, ev *stream.Event) {
	if g.System {
		return
	}
	switch st := p.states.At(g); {
	case ev.To == stream.Running:
		if st.feeds != nil {
			st.feeds.fed++
		}
	case st.life != nil:
		st.life.fedAtStop = st.life.fed
	}
}

func (p *pass) span(s *replay.Span) {
	if s.G.System {
		return
	}
	st := p.states.At(s.G)
	switch k := p.kindOf(s.G, st); {
	case st.marked != nil:
		st.life = nil // it says itself that it is a loop
		p.inside(s, st)
	case k == nil, k.pooled:
		st.life = nil
	default:
		p.own(s, st)
	}
	if s.State == stream.Waiting && s.Waker != nil && !s.Waker.System {
		p.released(s)
	}
}

// own follows what a goroutine that may be a loop does itself.
func (p *pass) own(s *replay.Span, st *state) {
	switch {
	case s.State == stream.Running:
		if l := st.life; l != nil {
			l.ran += s.Nanos()
			l.running += s.Nanos()
			if s.Stack != 0 && s.Reason == stream.Preempted && !l.isHome(p.site(s.Stack).line) {
				l.stopped = s.Stack
			}
		}
	case s.Stack == 0 || s.FromStart && s.State == stream.Syscall:
	case p.canBeHome(s):
		p.visited(s, st)
	case s.Nanos() >= slowNanos && blocks(s):
		p.blocked(s, st.life)
	}
}

// canBeHome reports whether one may wait for events like that.
func (p *pass) canBeHome(s *replay.Span) bool {
	at := p.site(s.Stack)
	switch s.Reason {
	case stream.Select, stream.ChanRecv, stream.Cond:
		return at.user
	case stream.Network:
		return at.listens
	}
	return false
}

// blocks reports whether the stay keeps events waiting. It does not while the next
// stage of a pipeline has no room.
func blocks(s *replay.Span) bool {
	return s.State == stream.Syscall || s.Reason.IsLock() || s.Reason.IsIO() || s.Reason.IsSync() && !handsOver(s)
}

// handsOver reports whether the goroutine waits for a receiver.
func handsOver(s *replay.Span) bool { return s.Reason == stream.ChanSend || s.Reason == stream.Forever }

// visited counts a wait that may be the goroutine's home, and at the same time a
// block, should its home turn out to be elsewhere.
func (p *pass) visited(s *replay.Span, st *state) {
	if st.life == nil {
		st.life = &life{id: s.G.ID, entry: s.G.Entry, home: -1}
	}
	l := st.life
	at := p.site(s.Stack)
	fromUs := s.Reason == stream.Select && s.Waker != nil && p.site(s.WakerStack).receives
	if s.Nanos() >= slowNanos && !s.FromStart && !fromUs {
		p.blocked(s, l)
	}
	v := l.visit(at.line, s.Stack, s.Start)
	v.network = at.listens
	switch {
	case s.Waker == nil || s.Waker.System:
		v.timed++
	case fromUs:
		v.taken++
	default:
		v.fed++
	}
	if l.isHome(at.line) {
		l.back(s.Start)
		l.away = s.End
		v.last = s.End
		if s.Waker != nil {
			p.states.At(s.Waker).feeds = l
		}
	}
}

func (p *pass) blocked(s *replay.Span, l *life) {
	if l == nil {
		return // it was never at any home
	}
	l.blocked(block{
		stack: s.Stack, reason: s.Reason, line: p.site(s.Stack).line, first: s.Start, fed: l.fed - l.fedAtStop,
	}, s.Start, s.End)
}

// released sees a goroutine woken by one that may be a loop: if that took a value
// from it, it waited for the loop.
func (p *pass) released(s *replay.Span) {
	if n := p.states.At(s.Waker).marked; n != nil {
		if s.Reason == stream.ChanSend || s.Reason == stream.Select {
			p.waitedFor(s, &n.life)
		}
		return
	}
	l := p.states.At(s.Waker).life
	if l == nil || s.WakerStack == 0 {
		return
	}
	at := p.site(s.WakerStack)
	if !at.user || s.Reason != stream.ChanSend && !(s.Reason == stream.Select && at.receives) {
		return
	}
	p.waitedFor(s, l)
	v := l.visit(at.line, s.WakerStack, s.End)
	v.fed++
	if !l.isHome(at.line) {
		return
	}
	p.computed(s, l)
	l.back(s.End)
	l.away = s.End
	p.states.At(s.G).feeds = l
}

// waitedFor charges the wait to the loop, and to its latest blocks.
func (p *pass) waitedFor(s *replay.Span, l *life) {
	l.kept += s.Nanos()
	l.keeper = s.Stack
	for _, in := range l.latest {
		if lost := min(s.End, in.end) - max(s.Start, in.start); in.end != 0 && lost > 0 {
			b := &l.blocks[in.block]
			b.waited += lost
			b.waiter = s.Stack
		}
	}
}

// computed counts a handler that ran while a sender was blocked on the loop's channel.
func (p *pass) computed(s *replay.Span, l *life) {
	if l.away == 0 || s.Waker.State != stream.Running {
		return
	}
	from := max(s.Start, l.away)
	ran := min(s.End-from, l.ran+s.End-s.Waker.Since)
	if ran < slowNanos {
		return
	}
	at := p.site(l.stopped)
	l.blocked(block{
		stack: l.stopped, line: at.line, first: from, computing: true, waited: s.End - from, waiter: s.Stack,
	}, s.End-ran, s.End)
}

func (p *pass) exit(g *replay.Goroutine) {
	p.settle(g)
	if k := p.states.At(g).kind; k != nil {
		k.live--
	}
	p.states.Clear(g)
}

// settle keeps the life of a goroutine if it may be a loop's: of those with one home
// the one that was blocked for the longest time.
func (p *pass) settle(g *replay.Goroutine) {
	st := p.states.At(g)
	k := p.kindOf(g, st)
	if l := st.life; l != nil && !k.pooled && l.lines[l.home].count >= minVisits {
		home := l.lines[l.home].frame
		if have, ok := p.ended[home]; !ok || worse(l, have.life) {
			p.ended[home] = candidate{l, k}
		}
	}
}

// worse orders lives of one home by what they lost, then by how long others waited for
// them, then by how long they lasted.
func worse(l, have *life) bool {
	return cmp.Or(cmp.Compare(l.lost(), have.lost()), cmp.Compare(l.kept, have.kept), cmp.Compare(l.trips.count, have.trips.count)) > 0
}

func (l *life) lost() (sum int64) {
	for i := range l.blocks {
		if b := &l.blocks[i]; b.computing || !l.isHome(b.line) {
			sum += b.total
		}
	}
	return sum
}

// site returns what the stack means, computed once.
func (p *pass) site(id stream.StackID) site {
	for int(id) >= len(p.sites) {
		p.sites = append(p.sites, make([]site, p.tr.Stacks()-len(p.sites))...)
	}
	if s := &p.sites[id]; !s.known && id != 0 {
		*s = p.newSite(id)
	}
	return p.sites[id]
}

func (p *pass) newSite(id stream.StackID) site {
	frames := p.tr.FrameIDs(id)
	s := site{known: true}
	at := p.tr.Site(id)
	s.user = !p.tr.Frame(at).Standard && !p.tr.Frame(at).Machinery
	if s.listens = p.listens(frames); s.listens || !s.user {
		if user := p.tr.User(id); user != 0 {
			at = user
		}
	}
	for i, f := range frames {
		if f == at {
			s.line = line{at, len(frames) - i}
			break
		}
	}
	s.receives = len(frames) > 0 && strings.HasPrefix(p.tr.Frame(frames[0]).Func, "runtime.chanrecv")
	return s
}

// listens reports whether user code calls, through package net alone, what accepts
// connections or packets. A read of a stream is not counted: it waits for one peer,
// as a connection's own goroutine does.
func (p *pass) listens(frames []stream.FrameID) bool {
	found := false
	for _, id := range frames {
		f := p.tr.Frame(id)
		switch {
		case f.Package() == "internal/poll":
			_, method, _ := strings.Cut(f.Func, ").")
			found = found || method == "Accept" || strings.HasPrefix(method, "ReadFrom") || strings.HasPrefix(method, "ReadMsg")
		case f.Machinery || f.Package() == "net":
		default:
			return found && !f.Standard
		}
	}
	return false
}
