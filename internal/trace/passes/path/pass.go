package path

import (
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

const (
	// maxOpen bounds the instances of regions that are followed at one time, and
	// maxSteps how many nodes are walked for all of them together.
	maxOpen  = 64
	maxSteps = 1 << 27
)

// life is the path that leads to a live goroutine: a chain, and what it spent since.
type life struct {
	known bool
	leaf  int32
	tail  spent
	dirty bool // the tail is not empty
	mark  int64
	// orphan says that a timer created it, at born. What set the timer is not known, so
	// that it has no chain but only a tail.
	orphan bool
	born   int64
}

// instance is a region or task under way.
type instance struct {
	name  string
	begin int64
	g     uint64 // the goroutine of a region, 0 for a task
	task  uint64
}

// pass is the state of the analysis.
type pass struct {
	tr    *replay.Trace
	tree  tree
	lives replay.PerG[life]

	wanted map[string]*regionPath
	open   []instance
	steps  int

	last    *replay.Goroutine // the user goroutine that ran last, at the end
	lastRan int64
	leaf    int32
}

// regionPath sums up the paths of one region's instances.
type regionPath struct {
	count, nanos int64
	sums         map[stream.FrameID]*spent
	missed       int64 // instances that were not followed
}

// New returns the pass for the whole trace and the named regions and tasks.
func New(regions ...string) func(*replay.Trace) replay.Pass {
	return func(tr *replay.Trace) replay.Pass {
		p := &pass{tr: tr, tree: newTree(), wanted: make(map[string]*regionPath)}
		for _, name := range regions {
			p.wanted[name] = &regionPath{sums: make(map[stream.FrameID]*spent)}
		}
		return replay.Pass{
			Name:   "path",
			States: stream.Running.Set() | stream.Runnable.Set() | stream.Waiting.Set() | stream.Syscall.Set(),
			Create: p.create,
			Span:   p.span,
			Exit:   p.lives.Clear,
			Other:  p.other,
			Open:   p.atEnd,
			Finish: p.finish,
		}
	}
}

// at returns the goroutine's life; one that was not seen before begins at the root.
func (p *pass) at(g *replay.Goroutine) *life {
	l := p.lives.At(g)
	if !l.known {
		*l = life{known: true, mark: p.tr.Now}
	}
	return l
}

func (p *pass) create(g *replay.Goroutine) {
	l := life{known: true, mark: p.tr.Now}
	switch by := p.creator(g); {
	case by != nil && p.at(by).orphan:
		p.spend(by)
		l = *p.at(by)
		l.mark = p.tr.Now
	case by != nil:
		l.leaf = p.fork(by)
	case g.Before:
		l.mark = 0
	default:
		l.orphan, l.born = true, p.tr.Now
	}
	*p.at(g) = l
}

// creator returns the live user goroutine that has just created g.
func (p *pass) creator(g *replay.Goroutine) *replay.Goroutine {
	if g.Before {
		return nil
	}
	by := p.tr.Goroutine(g.By)
	if by == nil || by.System || by.ID != g.Creator {
		return nil
	}
	return by
}

// fork ends the goroutine's present piece of path, so that another one can go on from
// it, and returns its leaf.
func (p *pass) fork(g *replay.Goroutine) int32 {
	l := p.at(g)
	p.spend(g)
	if len(p.tree.nodes) >= p.tree.compact {
		p.compact()
	}
	if l.orphan {
		root := p.tree.grow(0, l.born, part{g.Entry, spent{sleeping: l.born}})
		return p.tree.grow(root, p.tr.Now, part{g.Entry, l.tail})
	}
	if l.dirty {
		l.leaf = p.tree.grow(l.leaf, p.tr.Now, part{g.Entry, l.tail})
		l.tail, l.dirty = spent{}, false
	}
	return l.leaf
}

// spend counts what a running goroutine has run up to now.
func (p *pass) spend(g *replay.Goroutine) {
	l := p.at(g)
	if from := max(g.Since, l.mark); g.State == stream.Running && p.tr.Now > from {
		l.tail[running] += p.tr.Now - from
		l.mark, l.dirty = p.tr.Now, true
	}
}

// timed goes on with the path of a goroutine that an orphan woke: it waited for the
// timer until the orphan was born, and for what the orphan did from then on.
func (p *pass) timed(s *replay.Span) {
	p.spend(s.Waker)
	w := *p.at(s.Waker)
	l := p.at(s.G)
	born := min(max(w.born, s.Start), s.End)
	leaf := l.leaf
	if l.dirty { // up to its park
		leaf = p.tree.grow(leaf, max(s.Start, p.tree.nodes[leaf].end), part{s.G.Entry, l.tail})
	}
	if born > p.tree.nodes[leaf].end {
		leaf = p.tree.grow(leaf, born, part{s.G.Entry, spent{sleeping: born - max(s.Start, p.tree.nodes[leaf].end)}})
	}
	if s.End > born {
		leaf = p.tree.grow(leaf, s.End, part{s.Waker.Entry, w.tail.scaled(s.End - born)})
	}
	*l = life{known: true, leaf: leaf, mark: s.End}
}

func (p *pass) compact() {
	var leaves []*int32
	for i := range p.lives.All() {
		if l := &p.lives.All()[i]; l.known {
			leaves = append(leaves, &l.leaf)
		}
	}
	var cuts []int64
	for i := range p.open {
		cuts = append(cuts, p.open[i].begin)
	}
	p.tree.prune(leaves, cuts)
}

func (p *pass) span(s *replay.Span) {
	if s.G.System {
		return
	}
	l := p.at(s.G)
	if s.State == stream.Waiting && s.Waker != nil && !s.Waker.System {
		switch orphan := l.orphan; {
		case !p.at(s.Waker).orphan:
		case orphan:
			return
		default:
			p.timed(s)
			return
		}
		leaf := p.fork(s.Waker)
		*p.at(s.G) = life{known: true, leaf: leaf, mark: s.End}
		return
	}
	if from := max(s.Start, l.mark); s.End > from {
		l.tail[activityOf(s)] += s.End - from
		l.dirty = true
	}
}

func activityOf(s *replay.Span) activity {
	switch {
	case s.State == stream.Running:
		return running
	case s.State == stream.Runnable:
		return ready
	case s.State == stream.Syscall:
		return inSyscall
	}
	switch s.Reason {
	case stream.Sleep:
		return sleeping
	case stream.Network:
		return network
	case stream.Collector:
		return collector
	case stream.Select, stream.ChanRecv:
		return sleeping // a timer's channel
	}
	return waiting
}

// other follows the regions and tasks that were asked for.
func (p *pass) other(ev *stream.Event) {
	if len(p.wanted) == 0 {
		return
	}
	switch ev.Kind {
	case stream.RegionBegin:
		if g := p.tr.Goroutine(ev.G); g != nil {
			p.begin(p.tr.Text(ev.Text), g.ID, 0)
		}
	case stream.TaskBegin:
		p.begin(p.tr.Text(ev.Text), 0, ev.Arg)
	case stream.RegionEnd:
		if g := p.tr.Goroutine(ev.G); g != nil {
			name := p.tr.Text(ev.Text)
			p.end(g, func(i instance) bool { return i.g == g.ID && i.name == name })
		}
	case stream.TaskEnd:
		if g := p.tr.Goroutine(ev.G); g != nil {
			p.end(g, func(i instance) bool { return i.g == 0 && i.task == ev.Arg })
		}
	}
}

func (p *pass) begin(name string, g, task uint64) {
	r := p.wanted[name]
	if r == nil {
		return
	}
	if len(p.open) == maxOpen || p.steps > maxSteps {
		r.missed++
		return
	}
	p.open = append(p.open, instance{name, p.tr.Now, g, task})
}

// end sums up the path of the latest instance that matches and ends on g.
func (p *pass) end(g *replay.Goroutine, matches func(instance) bool) {
	for i, in := range slices.Backward(p.open) {
		if !matches(in) {
			continue
		}
		r := p.wanted[in.name]
		r.count++
		r.nanos += p.tr.Now - in.begin
		p.steps += p.tree.walk(p.fork(g), in.begin, r.sums)
		p.open = slices.Delete(p.open, i, i+1)
		return
	}
}

// atEnd finds the goroutine at which the trace ended: the one that ran last.
func (p *pass) atEnd(s *replay.Span) {
	if s.G.System || s.FromStart && s.State != stream.Running || p.fetches(s.G) {
		return
	}
	ran := s.Start
	if s.State == stream.Running {
		ran = s.End
	}
	if p.last != nil && ran <= p.lastRan {
		return
	}
	p.last, p.lastRan = s.G, ran
	l := p.at(s.G)
	leaf := l.leaf
	if l.orphan {
		leaf = p.tree.grow(0, l.born, part{s.G.Entry, spent{sleeping: l.born}})
	}
	tail := l.tail
	if from := max(s.Start, l.mark); s.End > from {
		tail[activityOf(s)] += s.End - from
	}
	p.leaf = p.tree.grow(leaf, s.End, part{s.G.Entry, tail})
}

// fetches reports whether the goroutine is the handler that took this trace.
func (p *pass) fetches(g *replay.Goroutine) bool {
	return slices.ContainsFunc(p.tr.FrameIDs(g.Stack), func(id stream.FrameID) bool {
		return strings.HasPrefix(p.tr.Frame(id).Func, "net/http/pprof.")
	})
}

func (p *pass) finish(rep *finding.Report) {
	if n := len(rep.Summary.Schedules); n > 0 {
		s := &rep.Summary.Schedules[n-1]
		s.Paths = append(s.Paths, p.paths()...)
	}
	for name, r := range p.wanted {
		switch {
		case r.missed > 0:
			rep.Warn(p.tr.Input, "region %s: %d instances were not followed, since more than %d were open at a time", name, r.missed, maxOpen)
		case r.count == 0:
			rep.Warn(p.tr.Input, "no region or task that ended is called %q", name)
		}
	}
}
