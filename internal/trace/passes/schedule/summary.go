package schedule

import (
	"cmp"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/chart"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// maxGroups bounds the summary: beyond the largest, groups say little.
const maxGroups = 20

// group is the goroutines of one entry function.
type group struct {
	times   replay.Times
	entry   stream.FrameID
	created stream.StackID
	count   int
	life    int64
}

type summary struct {
	tr *replay.Trace

	// counted are in the count of goroutines in flight.
	counted    replay.PerG[bool]
	flight     level // created in the trace and alive, less those from before that ended
	before     int   // from before the trace, and active
	flightNano int64 // summed lives of active goroutines
	goroutines int

	groups map[string]*group

	lines   [replay.Shares]chart.Timeline // user goroutines over time
	alive   chart.Timeline
	blocked []stay // by StackID
	runtime interference
	waits   waits
}

// New returns the pass that writes Summary.Schedules.
func New(tr *replay.Trace) replay.Pass {
	s := &summary{tr: tr, groups: make(map[string]*group), waits: waits{tr: tr, pairs: make(map[pairKey]*replay.Pair)}}
	return replay.Pass{
		Name:   "schedule",
		States: stream.Running.Set() | stream.Runnable.Set() | stream.Waiting.Set() | stream.Syscall.Set(),
		Create: s.create,
		Span:   s.add,
		Other:  s.other,
		Exit:   s.exit,
		Open:   s.open,
		Finish: s.finish,
	}
}

// level follows a number and its maximum.
type level struct{ now, max int }

func (l *level) add(n int) {
	l.now += n
	l.max = max(l.max, l.now)
}

func (s *summary) create(g *replay.Goroutine) {
	if g.System {
		return
	}
	if g.Before {
		return
	}
	s.flight.add(1)
	*s.counted.At(g) = true
}

func (s *summary) add(span *replay.Span) {
	if span.G.System {
		return
	}
	s.draw(span)
	if !s.waits.counts(span) {
		return
	}
	switch {
	case span.State == stream.Waiting:
		s.waits.woken(span)
	case span.State == stream.Runnable && span.Since < span.Start:
		s.waits.ran(span)
	}
}

// draw counts a stay in the timelines and by its stack.
func (s *summary) draw(span *replay.Span) {
	s.lines[span.Share].Add(span.Start, span.End, 1)
	if span.Share != replay.Running && span.Share != replay.Runnable {
		s.block(span)
	}
}

func (s *summary) other(ev *stream.Event) {
	if ev.Kind == stream.RangeBegin || ev.Kind == stream.RangeEnd {
		s.runtime.event(s.tr, ev)
	}
}

func (s *summary) exit(g *replay.Goroutine) {
	if g.Before && !g.System || *s.counted.At(g) {
		s.flight.add(-1)
	}
	s.settle(g, g.Acted)
	s.counted.Clear(g)
	s.runtime.work.Clear(g)
}

// open adds the stay that the trace's end cut off. A stay that covers the whole
// trace is not activity, unless it is one of running.
func (s *summary) open(span *replay.Span) {
	if !span.G.System {
		s.draw(span)
	}
	ran := span.State == stream.Running || span.State == stream.Runnable
	s.settle(span.G, span.G.Acted || !span.FromStart || ran)
}

// settle moves a finished or cut-off life into the totals, if it was active.
func (s *summary) settle(g *replay.Goroutine, active bool) {
	if g.System || !active {
		return
	}
	s.goroutines++
	lived := s.tr.Now - g.Born
	s.alive.Add(g.Born, s.tr.Now, 1)
	s.flightNano += lived
	if g.Before {
		s.before++
	}
	grp := s.group(g)
	grp.count++
	grp.life += lived
	for i, n := range g.Spent {
		grp.times[i] += n
	}
}

// group finds the goroutine's group. One that a wrapper such as sync.(*WaitGroup).Go
// started, and that never showed a stack of its own, goes by its creator.
func (s *summary) group(g *replay.Goroutine) *group {
	entry := g.Entry
	if creator := s.tr.Site(g.Creation); creator != 0 && (entry == 0 || s.tr.Frame(entry).Machinery) {
		entry = creator
	}
	name := s.tr.Frame(entry).Func
	grp := s.groups[name]
	if grp == nil {
		grp = &group{entry: entry}
		s.groups[name] = grp
	}
	if grp.created == 0 {
		grp.created = g.Creation
	}
	return grp
}

func (s *summary) finish(rep *finding.Report) {
	wall := s.tr.Now
	out := finding.Schedule{
		Input:       s.tr.Input,
		WallNanos:   wall,
		MaxProcs:    s.tr.MaxProcs,
		Goroutines:  s.goroutines,
		Concurrency: finding.Level{Mean: finding.Fraction(s.flightNano, wall), Max: s.flight.max + s.before},
		Parallelism: finding.Level{Mean: finding.Fraction(s.tr.Ran(), wall), Max: int(s.tr.Crowd.MostRunning)},
	}
	out.Interference = s.runtime.finish(wall)
	out.Blocked, out.BlockedNanos = s.blockedStacks()
	out.Timeline = s.timeline(wall)
	out.Waits = s.waits.finish()
	for _, grp := range s.groups {
		out.Groups = append(out.Groups, s.describe(grp, wall))
	}
	slices.SortFunc(out.Groups, func(a, b finding.Group) int {
		return cmp.Or(cmp.Compare(b.LifeNanos, a.LifeNanos), cmp.Compare(a.Entry.Func, b.Entry.Func))
	})
	out.Groups = out.Groups[:min(len(out.Groups), maxGroups)]
	rep.Summary.Schedules = append(rep.Summary.Schedules, out)
}

// timeline returns what goroutines did over time, in an order from work to waiting.
func (s *summary) timeline(wall int64) []finding.Series {
	series := []finding.Series{s.alive.Level("in flight", wall)}
	for _, line := range [...]struct {
		what replay.Share
		name string
	}{
		{replay.Running, "running"}, {replay.Runnable, "ready"}, {replay.BlockedLock, "waiting for locks"},
		{replay.BlockedSync, "waiting for goroutines"}, {replay.BlockedIO, "waiting for the outside world"},
	} {
		series = append(series, s.lines[line.what].Level(line.name, wall))
	}
	return series
}

func (s *summary) describe(grp *group, wall int64) finding.Group {
	out := finding.Group{
		Entry:         s.tr.Frame(grp.entry).Frame,
		Count:         grp.count,
		LifeNanos:     grp.life,
		RunningNanos:  grp.times[replay.Running],
		RunnableNanos: grp.times[replay.Runnable],
		IONanos:       grp.times[replay.BlockedIO],
		LockNanos:     grp.times[replay.BlockedLock],
		SyncNanos:     grp.times[replay.BlockedSync],
	}
	if grp.created != 0 {
		out.Created = s.tr.Frame(s.tr.Site(grp.created)).Frame
	}
	out.Verdict = verdict(&grp.times)
	out.Advice = advice(&out, wall, s.tr.MaxProcs)
	return out
}
