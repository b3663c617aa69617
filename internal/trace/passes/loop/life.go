package loop

import (
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

const (
	// maxLines and maxBlocks bound what is kept for one goroutine. A loop has a
	// handful of lines at which it stops; more is no loop's handwriting.
	maxLines  = 16
	maxBlocks = 24
	// recent is how many blocks are kept to be compared with waits that others end
	// later: those that waited for the loop are released right after its return.
	recent = 4
)

// line is a line of user code at one call depth.
type line struct {
	frame stream.FrameID
	depth int
}

// visits counts how often a goroutine was at a line at which it could be at home.
type visits struct {
	line
	stack       stream.StackID
	count       int64
	first, last int64
	// fed visits were ended by a goroutine that sent, closed or signalled, taken by one
	// that received from the loop; timed by the runtime: a timer, the network.
	fed, taken, timed int64
	// network says that it accepts connections or packets, which the runtime ends too.
	network bool
}

// block is what one stack's blocks of slowNanos or more came to.
type block struct {
	stack       stream.StackID
	reason      stream.Reason
	line        line
	count       int64
	total, max  int64
	first, last int64
	// waited is how long others were blocked on the loop's channels meanwhile, at
	// the stack waiter; fed how often those that feed the loop ran.
	waited    int64
	waiter    stream.StackID
	fed       int64
	computing bool // it did not block but run
}

// interval is a block with its place in time.
type interval struct {
	start, end int64
	block      int
}

// life is what is kept for a goroutine that may be a loop.
type life struct {
	id     uint64
	entry  stream.FrameID
	lines  []visits
	blocks []block
	latest [recent]interval
	// home is the index of the most visited line, -1 while there is none.
	home int
	// away is when the goroutine left home, 0 while it is there.
	away int64
	// ran is its time running since it was last at home, stopped where it did stop.
	ran     int64
	stopped stream.StackID
	trips   histogram
	slow    int64 // trips of slowNanos or more
	course  *course
	early   [][2]int64 // trips before there is a course

	// running is all the time that it ran; kept is how long others were blocked on its
	// channels until it took from them, the latest at the stack keeper.
	running, kept int64
	keeper        stream.StackID

	fed       int64 // runs of goroutines that feed this one
	fedAtStop int64
}

// visit counts a visit at the line and says whether it is the present home.
func (l *life) visit(at line, stack stream.StackID, now int64) *visits {
	i := l.find(at)
	if i < 0 {
		i = l.room()
		l.lines[i] = visits{line: at, stack: stack, first: now}
	}
	v := &l.lines[i]
	v.count++
	v.last = now
	if l.home != i && (l.home < 0 || v.count > l.lines[l.home].count) {
		l.home, l.away, l.slow = i, 0, 0
		l.trips, l.course, l.early = histogram{}, nil, nil
	}
	return v
}

func (l *life) find(at line) int {
	for i := range l.lines {
		if l.lines[i].line == at {
			return i
		}
	}
	return -1
}

// room returns the index of a free entry: a new one, or the least visited one.
func (l *life) room() int {
	if len(l.lines) < maxLines {
		l.lines = append(l.lines, visits{})
		return len(l.lines) - 1
	}
	least := (l.home + 1) % maxLines
	for i := range l.lines {
		if i != l.home && l.lines[i].count < l.lines[least].count {
			least = i
		}
	}
	return least
}

// isHome reports whether the line is the most visited one.
func (l *life) isHome(at line) bool { return l.home >= 0 && l.lines[l.home].line == at }

// back ends an iteration.
func (l *life) back(now int64) {
	if l.away != 0 {
		l.trip(l.away, now)
	}
	l.away, l.ran, l.stopped = 0, 0, 0
}

// blocked counts a block and returns its index, -1 if there is no room for it.
func (l *life) blocked(b block, start, end int64) {
	i := l.blockAt(&b)
	if i < 0 {
		return
	}
	have := &l.blocks[i]
	n := end - start
	have.count++
	have.total += n
	have.max = max(have.max, n)
	have.last = end
	have.fed += b.fed
	have.waited += b.waited
	if have.waiter == 0 {
		have.waiter = b.waiter
	}
	if !b.computing {
		copy(l.latest[1:], l.latest[:recent-1])
		l.latest[0] = interval{start, end, i}
	}
}

func (l *life) blockAt(b *block) int {
	for i := range l.blocks {
		if l.blocks[i].stack == b.stack && l.blocks[i].computing == b.computing {
			return i
		}
	}
	if len(l.blocks) == maxBlocks {
		return -1
	}
	l.blocks = append(l.blocks, block{stack: b.stack, reason: b.reason, line: b.line, first: b.first, computing: b.computing})
	return len(l.blocks) - 1
}

// kind is a sort of goroutine: what it runs, or where it was created.
type kind struct {
	live   int
	pooled bool // more than one lived at a time
}

// kindKey is a function or, where that is a wrapper, the line that creates.
type kindKey struct {
	function string
	creation stream.FrameID
}

// state is what the pass keeps for each live goroutine.
type state struct {
	kind  *kind
	life  *life
	feeds *life // the loop that it last woke at home
	// marked is the loop that it says it is, inside that an iteration is under way, since
	// began; ranBefore is what it ran in it up to its last stop, at stoppedAt.
	marked           *named
	inside           bool
	began, ranBefore int64
	stoppedAt        stream.StackID
}

// kindOf returns the goroutine's kind, once it is known.
func (p *pass) kindOf(g *replay.Goroutine, st *state) *kind {
	if st.kind != nil || g.Entry == 0 {
		return st.kind
	}
	// The function names the kind, since two goroutines of one function may be seen
	// first at different lines of it. wg.Go's own function says nothing.
	key := kindKey{function: p.tr.Frame(g.Entry).Func}
	if p.tr.Frame(g.Entry).Machinery && g.Creation != 0 {
		key = kindKey{creation: p.tr.Site(g.Creation)}
	}
	k := p.kinds[key]
	if k == nil {
		k = new(kind)
		p.kinds[key] = k
	}
	k.live++
	k.pooled = k.pooled || k.live > 1
	st.kind = k
	return k
}
