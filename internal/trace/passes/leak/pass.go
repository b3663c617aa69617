package leak

import (
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// mainID is the runtime's id of the goroutine that runs main.main.
const mainID = 1

// keptLines is how many lines a goroutine is remembered to have been woken at. A
// worker has one or two.
const keptLines = 4

// line is what is known of the waits at one line that ended.
type line struct {
	longest int64
	// comeback says that a goroutine waited here again after it was woken here.
	comeback bool
	far      far
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
	kin         kin
	// stuck says that nobody is left who could end the wait; abandoned is who ended with
	// the lock that it waits for, nil if that is not known.
	stuck     bool
	abandoned *grant
	doubt     doubt
}

// waker is who woke a goroutine the last time; the stack is 0 if nobody did.
type waker struct {
	id    uint64
	at    int64
	stack stream.StackID
}

// past is what is remembered of a live goroutine: the lines at which it was woken,
// who did it last, and whom it descends from.
type past struct {
	lines [keptLines]stream.FrameID
	waker waker
	kin   kin
}

// pass is the state of the analysis.
type pass struct {
	tr    *replay.Trace
	past  replay.PerG[past]
	lines replay.ByFrame[line]
	locks locks
	// finished counts the goroutines that ended by what they ran.
	finished map[stream.FrameID]int
	// related says that wakers and waiters of a line are relatives.
	related bool

	// At the end: who is alive, who descends from whom where that matters, the lines at
	// which those were woken that may have a lock, and who is blocked.
	alive  map[uint64]bool
	living []relative
	users  map[uint64][]stream.FrameID
	found  []blocked
}

// New returns the pass of the leak family.
func New(tr *replay.Trace) replay.Pass {
	p := &pass{
		tr: tr, locks: newLocks(), finished: make(map[stream.FrameID]int),
		alive: make(map[uint64]bool), users: make(map[uint64][]stream.FrameID),
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
	strong      // nobody wants to wait long like that
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
	if l.far < stranger && !isLock(s.Reason) {
		l.far = max(l.far, p.relation(s))
		p.related = true
	}
	if s.Waker != nil && s.WakerStack != 0 {
		p.past.At(s.G).waker = waker{s.Waker.ID, s.End, s.WakerStack}
		if isLock(s.Reason) && !s.Waker.System {
			p.handed(s, site)
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

// open collects who is blocked at the end.
func (p *pass) open(s *replay.Span) {
	p.alive[s.G.ID] = true
	before := p.past.At(s.G)
	if p.related && !s.G.System {
		p.living = append(p.living, relative{s.G.ID, before.kin})
	}
	if p.locks.kept {
		p.users[s.G.ID] = slices.Clone(before.lines[:])
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
		waker: before.waker, kin: before.kin,
	})
}

// belongsToUser leaves out whose waiting is not the program's: the runtime, the
// main goroutine and those of tests, which wait for others by design, and the
// standard library's own.
func (p *pass) belongsToUser(s *replay.Span) bool {
	if s.G.System || s.G.ID == mainID || p.tr.User(s.Stack) == 0 {
		return false
	}
	return !isTest(p.tr.Frame(s.G.Entry).Frame) && !isTest(p.tr.Frame(p.tr.Site(s.Stack)).Frame)
}

func isTest(f finding.Frame) bool { return strings.HasPrefix(f.Func, "testing.") }
