package oversubscribed

import (
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// activity is what a goroutine does, as far as this pass distinguishes it.
type activity uint8

const (
	absent  activity = iota // not born, ended, or idle: waiting to be given work
	running                 // on a processor
	ready                   // without one
	blocked                 // in I/O, sleep, a lock
	activities
)

func activityOf(s stream.State, r stream.Reason) activity {
	switch {
	case s == stream.Running:
		return running
	case s == stream.Runnable:
		return ready
	case s == stream.Syscall, s == stream.Waiting && !r.IsSync():
		return blocked
	}
	return absent
}

// group is the goroutines of one origin.
type group struct {
	entry   stream.FrameID
	created stream.StackID
	members int
	now     [activities]int
	since   int64
	// sum is goroutine time: the times at which members left an activity, less those at
	// which they took it up.
	sum     [activities]int64
	wanting int64 // time in which at least one wanted a processor
	crowded int64 // time with a crowd of ready ones
	used    int64 // processor time of all goroutines in crowded
	peak    int   // most ready at a time
	// stopped counts where members were when they lost their processor.
	stopped map[stream.StackID]int
}

// member is what the pass keeps for a live goroutine.
type member struct {
	group *group
	does  activity
}

// pass is the state of the analysis.
type pass struct {
	tr      *replay.Trace
	members replay.PerG[member]
	groups  map[stream.FrameID]*group
	running int // user goroutines on processors, of all groups
}

// New returns the pass of the rule oversubscribed.
func New(tr *replay.Trace) replay.Pass {
	p := &pass{tr: tr, groups: make(map[stream.FrameID]*group)}
	return replay.Pass{
		Name:   "oversubscribed",
		Create: func(g *replay.Goroutine) { p.does(g, activityOf(g.State, g.Reason)) },
		Change: p.change,
		Exit: func(g *replay.Goroutine) {
			p.named(g)
			p.does(g, absent)
			p.members.Clear(g)
		},
		Open:   func(s *replay.Span) { p.named(s.G) },
		Finish: p.finish,
	}
}

// change also remembers where a member computed when its processor was taken.
func (p *pass) change(g *replay.Goroutine, ev *stream.Event) {
	if g.System {
		return
	}
	p.does(g, activityOf(ev.To, ev.Reason))
	if ev.Reason == stream.Preempted && ev.Stack != 0 {
		if grp := p.members.At(g).group; grp != nil {
			grp.stopped[ev.Stack]++
		}
	}
}

// does moves the goroutine from one activity to another in its group's counts.
func (p *pass) does(g *replay.Goroutine, to activity) {
	m := p.members.At(g)
	if m.group == nil {
		if m.group = p.groupOf(g); m.group == nil {
			return
		}
		m.group.members++
	}
	if m.does == to {
		return
	}
	grp := m.group
	p.advance(grp)
	grp.now[m.does]--
	grp.sum[m.does] += p.tr.Now
	grp.now[to]++
	grp.sum[to] -= p.tr.Now
	grp.peak = max(grp.peak, grp.now[ready])
	if m.does == running {
		p.running--
	}
	if to == running {
		p.running++
	}
	m.does = to
}

// advance adds the time since the group's last change to what it was like then. The number of
// all running goroutines is taken as it is now: it hardly changes in a crowd.
func (p *pass) advance(g *group) {
	d := p.tr.Now - g.since
	g.since = p.tr.Now
	if g.now[running]+g.now[ready] > 0 {
		g.wanting += d
	}
	if procs := p.tr.MaxProcs; procs > 0 && g.now[ready] >= crowd*procs {
		g.crowded += d
		g.used += int64(p.running) * d
	}
}

// groupOf returns the goroutine's group, nil while its origin is not known.
func (p *pass) groupOf(g *replay.Goroutine) *group {
	origin := p.tr.Site(g.Creation)
	if g.Creation == 0 {
		origin = g.Entry
	}
	if g.System || origin == 0 {
		return nil
	}
	grp := p.groups[origin]
	if grp == nil {
		grp = &group{created: g.Creation, since: p.tr.Now, stopped: make(map[stream.StackID]int)}
		p.groups[origin] = grp
	}
	return grp
}

// named gives the group the entry of a member that ran.
func (p *pass) named(g *replay.Goroutine) {
	if grp := p.members.At(g).group; grp != nil && g.Spent[replay.Running] > 0 && !g.System {
		grp.entry = g.Entry
	}
}
