package leak

import (
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/profile"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// mainID is the runtime's id of the goroutine that runs main.main.
const mainID = 1

// keptLines is how many lines a goroutine is remembered to have been woken at. A
// worker has one or two.
const keptLines = 4

// line is what is known about the waits at one line that ended.
type line struct {
	longest int64
	// comeback says that a goroutine waited here again after it was woken here.
	comeback bool
	distance distance
}

// blocked is a goroutine that the trace's end found waiting.
type blocked struct {
	id, creator uint64
	entry       string
	site        stream.FrameID
	stack       stream.StackID
	creation    stream.StackID
	reason      stream.Reason
	born, since int64
	before      bool
	waker       waker
	ancestors   ancestors
	// stuck says that no goroutine is left that could end the wait; abandoned is the grant
	// of the lock that it waits for to a goroutine that ended, nil if that is not known.
	stuck     bool
	abandoned *grant
	doubt     doubt
}

// waker is the goroutine that last woke another one; the stack is 0 if there was none.
type waker struct {
	id    uint64
	at    int64
	stack stream.StackID
}

// past is what is remembered of a live goroutine: the lines at which it was woken, the
// last waker, and its ancestors.
type past struct {
	lines     [keptLines]stream.FrameID
	waker     waker
	ancestors ancestors
}

// pass is the state of the analysis.
type pass struct {
	tr    *replay.Trace
	past  replay.PerG[past]
	lines replay.ByFrame[line]
	locks locks
	// finished counts the goroutines that ended by what they ran.
	finished map[stream.FrameID]int
	// related says that wakers and waiters of some line are related.
	related bool

	// At the end: the goroutines that are alive, their ancestors where they matter, the
	// lines at which those that may have a lock were woken, and the blocked goroutines.
	alive  map[uint64]bool
	living []survivor
	users  map[uint64][]stream.FrameID
	found  []blocked
	// readers are the goroutines that wait for the network.
	readers profile.Readers
}

// New returns the pass of the leak family.
func New(tr *replay.Trace) replay.Pass {
	p := &pass{
		tr: tr, locks: newLocks(), finished: make(map[stream.FrameID]int),
		readers: make(profile.Readers),
		alive:   make(map[uint64]bool), users: make(map[uint64][]stream.FrameID),
	}
	return replay.Pass{
		Name:   "leak",
		States: stream.Waiting.Set(),
		Create: p.create,
		Span:   p.span,
		Exit:   p.exit,
		Open:   p.open,
		Finish: p.finish,
	}
}

// kind sorts the reasons by how natural a long wait is.
type kind uint8

const (
	none   kind = iota
	weak        // an idle goroutine waits like that
	strong      // a long wait like that is never intended
)

func kindOf(r stream.Reason) kind {
	switch r {
	case stream.ChanRecv, stream.Select, stream.WaitGroup, stream.Cond:
		return weak
	case stream.ChanSend, stream.Forever, stream.Mutex, stream.RWRead, stream.RWWrite, stream.Once:
		return strong
	}
	return none
}

// span remembers that a wait of the kind can end, and whether it is one of many.
func (p *pass) span(s *replay.Span) {
	if s.G.System || kindOf(s.Reason) == none || s.Stack == 0 {
		return
	}
	site := p.tr.Site(s.Stack)
	l := p.lines.At(site)
	l.longest = max(l.longest, s.Nanos())
	if !p.remember(s.G, site) {
		l.comeback = true
	}
	if l.distance < unrelated && !isLock(s.Reason) {
		l.distance = max(l.distance, p.relation(s))
		p.related = true
	}
	if s.Waker != nil && s.WakerStack != 0 {
		p.past.At(s.G).waker = waker{s.Waker.ID, s.End, s.WakerStack}
		if isLock(s.Reason) && !s.Waker.System {
			p.handOver(s, site)
		}
	}
}

// remember reports whether the goroutine was woken at the line for the first time.
func (p *pass) remember(g *replay.Goroutine, site stream.FrameID) bool {
	seen := &p.past.At(g).lines
	for _, s := range seen {
		if s == site {
			return false
		}
	}
	copy(seen[1:], seen[:keptLines-1])
	seen[0] = site
	return true
}

// exit forgets the goroutine, but for the lock that it may have kept.
func (p *pass) exit(g *replay.Goroutine) {
	if !g.System {
		p.finished[g.Entry]++
		p.ended(g)
	}
	p.past.Clear(g)
}

// open collects the goroutines that are blocked at the end.
func (p *pass) open(s *replay.Span) {
	p.alive[s.G.ID] = true
	before := p.past.At(s.G)
	if p.related && !s.G.System {
		p.living = append(p.living, survivor{s.G.ID, before.ancestors})
	}
	if p.locks.kept {
		p.users[s.G.ID] = slices.Clone(before.lines[:])
	}
	if s.State == stream.Waiting && s.Reason == stream.Network && s.G.Entry != 0 {
		p.readers[p.tr.Frame(s.G.Entry).Func]++
	}
	if s.State != stream.Waiting || kindOf(s.Reason) == none || !p.belongsToUser(s) {
		return
	}
	site := p.tr.Site(s.Stack)
	if !p.remember(s.G, site) {
		p.lines.At(site).comeback = true
	}
	p.found = append(p.found, blocked{
		id: s.G.ID, creator: s.G.Creator, entry: p.tr.Frame(s.G.Entry).Func, site: site, stack: s.Stack,
		creation: s.G.Creation, reason: s.Reason, born: s.G.Born, since: s.Start, before: s.G.Before,
		waker: before.waker, ancestors: before.ancestors,
	})
}

// belongsToUser leaves out goroutines whose waits are not the program's own: those of the
// runtime, the main goroutine and those of tests, which wait for others by design, and
// those of the standard library.
func (p *pass) belongsToUser(s *replay.Span) bool {
	if s.G.System || s.G.ID == mainID || p.tr.User(s.Stack) == 0 {
		return false
	}
	return !isTest(p.tr.Frame(s.G.Entry).Frame) && !isTest(p.tr.Frame(p.tr.Site(s.Stack)).Frame)
}

func isTest(f finding.Frame) bool { return strings.HasPrefix(f.Func, "testing.") }
