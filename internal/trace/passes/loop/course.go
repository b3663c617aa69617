package loop

import (
	"cmp"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/chart"
)

// maxLoops bounds the loops of a summary. A program has a handful.
const maxLoops = 12

// course is a loop's iterations over time.
type course struct {
	ends chart.Points   // iterations, at their ends
	away chart.Timeline // whether one was under way
}

// trip counts an iteration. The course is not made before there are as many as make a
// loop: it takes memory, and most goroutines that come home a few times are none.
func (l *life) trip(from, to int64) {
	took := to - from
	l.trips.add(took)
	if took >= slowNanos {
		l.slow++
	}
	if l.course == nil {
		l.early = append(l.early, [2]int64{from, to})
		if len(l.early) < minVisits {
			return
		}
		l.course = new(course)
		for _, trip := range l.early {
			l.course.add(trip[0], trip[1])
		}
		l.early = nil
		return
	}
	l.course.add(from, to)
}

func (c *course) add(from, to int64) {
	c.ends.Add(to, to-from)
	c.away.Add(from, to, 1)
}

// series returns what the iterations were over a trace of the length; nothing where
// there were too few.
func (l *life) series(length int64) []finding.Series {
	if l.course == nil {
		return nil
	}
	busy := l.course.away.Level("busy", length)
	busy.Unit = finding.Ratio
	return []finding.Series{
		l.course.ends.Greatest("longest iteration", length), l.course.ends.Counts("iterations", length), busy,
	}
}

// work is what a loop did between its first and its last time at home.
type work struct{ iterations, busy, first, last int64 }

func (w work) span() int64 { return w.last - w.first }

// share is the part of the time in which the loop was busy.
func (w work) share() float64 { return finding.Fraction(w.busy, w.span()) }

// summary is a loop as the summary of a trace of the length shows it.
func (l *life) summary(s subject, w work, length int64) finding.EventLoop {
	return finding.EventLoop{
		Name: s.resource.Name, Home: s.resource.Class, Iterations: w.iterations, Busy: min(w.share(), 1),
		P50Nanos: l.trips.quantile(0.5), P99Nanos: l.trips.quantile(0.99), MaxNanos: l.trips.max, Timeline: l.series(length),
	}
}

// summarise adds the loops to the summary of the trace, ill or not, the busiest first.
func (p *pass) summarise(rep *finding.Report, inferred []candidate) {
	i := len(rep.Summary.Schedules) - 1 // this trace's, if that pass is there
	if i < 0 {
		return
	}
	var loops []finding.EventLoop
	for _, c := range inferred {
		if c.trips.count >= sureVisits {
			loops = append(loops, c.summary(p.subject(c.life), c.work(), p.tr.Now))
		}
	}
	for _, n := range p.named {
		if n.iterations > 0 {
			loops = append(loops, n.summary(n.subject(), n.work(), p.tr.Now))
		}
	}
	slices.SortFunc(loops, func(a, b finding.EventLoop) int {
		return cmp.Or(cmp.Compare(b.Busy, a.Busy), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Home.Func, b.Home.Func), cmp.Compare(a.Home.Line, b.Home.Line))
	})
	rep.Summary.Schedules[i].Loops = loops[:min(len(loops), maxLoops)]
}
