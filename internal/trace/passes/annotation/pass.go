package annotation

import (
	"cmp"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/chart"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

const (
	maxNames      = 500
	maxDepth      = 32 // of nested regions on one goroutine
	maxTasks      = 100_000
	maxCategories = 100
	maxMessages   = 5
	maxMessage    = 200 // bytes
	shownRegions  = 50
)

// open is a region under way: what its goroutine had spent when it began.
type open struct {
	name  stream.StringID
	begin int64
	spent replay.Times
}

// task is one under way.
type task struct {
	name  stream.StringID
	begin int64
}

// key distinguishes a region from a task of the same name.
type key struct {
	name stream.StringID
	task bool
}

type tally struct {
	lengths    chart.Histogram
	spent      replay.Times
	unfinished int64
}

type category struct {
	count    int64
	messages []string
}

// pass is the state of the analysis.
type pass struct {
	tr      *replay.Trace
	regions replay.PerG[[]open]
	tasks   map[uint64]task
	tallies map[key]*tally
	logs    map[stream.StringID]*category
}

// New returns the pass.
func New(tr *replay.Trace) replay.Pass {
	p := &pass{tr: tr, tasks: make(map[uint64]task), tallies: make(map[key]*tally), logs: make(map[stream.StringID]*category)}
	return replay.Pass{
		Name:   "annotation",
		Other:  p.event,
		Exit:   func(g *replay.Goroutine) { p.unfinished(g); p.regions.Clear(g) },
		Open:   func(s *replay.Span) { p.unfinished(s.G) },
		Finish: p.finish,
	}
}

func (p *pass) event(ev *stream.Event) {
	switch ev.Kind {
	case stream.RegionBegin:
		p.begin(ev)
	case stream.RegionEnd:
		p.end(ev)
	case stream.TaskBegin:
		if len(p.tasks) < maxTasks {
			p.tasks[ev.Arg] = task{ev.Text, ev.Time}
		}
	case stream.TaskEnd:
		if t, ok := p.tasks[ev.Arg]; ok {
			delete(p.tasks, ev.Arg)
			if tl := p.tally(key{t.name, true}); tl != nil {
				tl.lengths.Add(ev.Time - t.begin)
			}
		}
	case stream.Log:
		p.log(ev)
	}
}

// spent is what the goroutine has spent up to now, its present stay included.
func (p *pass) spent(g *replay.Goroutine) replay.Times {
	spent := g.Spent
	if g.State == stream.Running {
		spent[replay.Running] += p.tr.Now - g.Since
	}
	return spent
}

func (p *pass) begin(ev *stream.Event) {
	g := p.tr.Goroutine(ev.G)
	if g == nil {
		return
	}
	if regions := p.regions.At(g); len(*regions) < maxDepth {
		*regions = append(*regions, open{ev.Text, ev.Time, p.spent(g)})
	}
}

func (p *pass) end(ev *stream.Event) {
	g := p.tr.Goroutine(ev.G)
	if g == nil {
		return
	}
	regions := p.regions.At(g)
	for i, r := range slices.Backward(*regions) {
		if r.name != ev.Text {
			continue
		}
		if t := p.tally(key{r.name, false}); t != nil {
			t.lengths.Add(ev.Time - r.begin)
			for what, n := range p.spent(g) {
				t.spent[what] += n - r.spent[what]
			}
		}
		*regions = (*regions)[:i] // those begun within it ended with it: a panic or a Goexit left them
		return
	}
}

func (p *pass) tally(k key) *tally {
	t := p.tallies[k]
	if t == nil && len(p.tallies) < maxNames {
		t = new(tally)
		p.tallies[k] = t
	}
	return t
}

func (p *pass) unfinished(g *replay.Goroutine) {
	for _, r := range *p.regions.At(g) {
		if t := p.tally(key{r.name, false}); t != nil {
			t.unfinished++
		}
	}
}

func (p *pass) log(ev *stream.Event) {
	c := p.logs[ev.Category]
	if c == nil {
		if len(p.logs) == maxCategories {
			return
		}
		c = new(category)
		p.logs[ev.Category] = c
	}
	c.count++
	if len(c.messages) == maxMessages {
		return
	}
	text := p.tr.Text(ev.Text)
	if len(text) > maxMessage {
		text = text[:maxMessage] + "…"
	}
	if !slices.Contains(c.messages, text) {
		c.messages = append(c.messages, text)
	}
}

func (p *pass) finish(rep *finding.Report) {
	for _, t := range p.tasks {
		if tl := p.tally(key{t.name, true}); tl != nil {
			tl.unfinished++
		}
	}
	if len(rep.Summary.Schedules) == 0 {
		return
	}
	s := &rep.Summary.Schedules[len(rep.Summary.Schedules)-1]
	for k, t := range p.tallies {
		s.Regions = append(s.Regions, finding.Region{
			Name: p.tr.Text(k.name), Task: k.task, Count: t.lengths.Count, Unfinished: t.unfinished,
			Nanos: t.lengths.Sum, P50Nanos: t.lengths.Quantile(0.5), P99Nanos: t.lengths.Quantile(0.99), MaxNanos: t.lengths.Max,
			RunningNanos: t.spent[replay.Running], RunnableNanos: t.spent[replay.Runnable], IONanos: t.spent[replay.BlockedIO],
			LockNanos: t.spent[replay.BlockedLock], SyncNanos: t.spent[replay.BlockedSync],
		})
	}
	slices.SortFunc(s.Regions, func(a, b finding.Region) int {
		return cmp.Or(cmp.Compare(b.Nanos, a.Nanos), cmp.Compare(a.Name, b.Name), cmp.Compare(b.P50Nanos, a.P50Nanos))
	})
	s.Regions = s.Regions[:min(len(s.Regions), shownRegions)]
	for id, c := range p.logs {
		s.Logs = append(s.Logs, finding.LogCategory{Category: p.tr.Text(id), Count: c.count, Messages: c.messages})
	}
	slices.SortFunc(s.Logs, func(a, b finding.LogCategory) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Category, b.Category))
	})
}
