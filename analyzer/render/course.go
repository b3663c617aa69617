package render

import (
	"fmt"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer/render/internal/figures"
)

const (
	// maxParts, maxLoops, maxRegions and maxKinds keep the summary on its screen.
	maxParts   = 5
	maxLoops   = 4
	maxRegions = 8
	maxKinds   = 4
	// noticed is the share of the run from which the runtime's own work is told.
	noticed = 0.01
)

// course writes what the time of a trace went to: waits by kind, the runtime's own
// work, critical paths, and the program's own regions.
func (p *page) course(s *finding.Schedule) {
	p.waits(s.Waits)
	p.interference(s)
	for i := range s.Paths {
		p.path(&s.Paths[i])
	}
	p.regions(s.Regions)
	p.loops(s.Loops)
}

// loops writes what the iterations of event loops were.
func (p *page) loops(loops []finding.EventLoop) {
	t := table{head: []string{">iterations", ">busy", ">p50", ">p99", ">max", "event loop"}}
	for i := range loops[:min(len(loops), maxLoops)] {
		l := &loops[i]
		name := oneLine(l.Name)
		if name == "" {
			name = l.Home.String()
		}
		t.add(figures.Thousands(l.Iterations), finding.FormatShare(l.Busy), figures.Span(l.P50Nanos), figures.Span(l.P99Nanos), figures.Span(l.MaxNanos), name)
	}
	if len(loops) > 0 {
		t.write(&p.b, "  ")
	}
}

func (p *page) waits(kinds []finding.WaitKind) {
	var texts []string
	for _, k := range kinds[:min(len(kinds), maxKinds)] {
		texts = append(texts, fmt.Sprintf("%s %s in %s (p50 %s, p95 %s)", k.Reason, figures.Span(k.Nanos), figures.Thousands(k.Count), figures.Span(k.P50Nanos), figures.Span(k.P95Nanos)))
	}
	if len(texts) > 0 {
		p.b.WriteString(fill("waits for other goroutines: "+strings.Join(texts, " · "), 2, 4))
	}
}

func (p *page) interference(s *finding.Schedule) {
	i := &s.Interference
	if s.WallNanos <= 0 {
		return
	}
	var texts []string
	if share := float64(i.MarkNanos) / float64(s.WallNanos); share >= noticed {
		texts = append(texts, fmt.Sprintf("the garbage collector marked during %s of the run (%s)", finding.FormatShare(share), figures.Plural(i.Collections, "cycle")))
	}
	if own := i.AssistNanos + i.SweepNanos; float64(own) >= noticed*float64(s.WallNanos) {
		texts = append(texts, "goroutines spent "+figures.Span(own)+" on helping it")
	}
	if float64(i.StopNanos) >= noticed*float64(s.WallNanos) {
		texts = append(texts, fmt.Sprintf("the world stood still for %s in all (%s, %s at most)", figures.Span(i.StopNanos), figures.Plural(i.Stops, "time"), figures.Span(i.MaxStopNanos)))
	}
	if len(texts) > 0 {
		p.b.WriteString(fill("the runtime: "+strings.Join(texts, ", "), 2, 4))
	}
}

func (p *page) path(path *finding.Path) {
	if len(path.Parts) == 0 {
		return
	}
	head := "the critical path of the trace"
	if path.Of != "" {
		head = fmt.Sprintf("the critical paths of %s, %s in all", figures.Plural(path.Count, "region")+" "+path.Of, figures.Span(path.Nanos))
	}
	p.b.WriteString(fill(head+" went through", 2, 4))
	var t table
	for i, part := range path.Parts {
		if i == maxParts {
			break
		}
		share := finding.FormatShare(float64(part.Nanos) / float64(max(path.Nanos, 1)))
		t.add(figures.Span(part.Nanos), share, part.State, part.Entry.String())
	}
	t.head = []string{">time", ">share", "state", "goroutines of"}
	t.write(&p.b, "    ")
}

func (p *page) regions(regions []finding.Region) {
	if len(regions) == 0 {
		return
	}
	t := table{head: []string{">count", ">time", ">p50", ">p99", ">max", ">running", ">I/O", ">lock", ">sync", "region or task"}}
	for i, r := range regions {
		if i == maxRegions {
			break
		}
		share := func(nanos int64) string {
			if r.Task {
				return ""
			}
			return finding.FormatShare(float64(nanos) / float64(max(r.Nanos, 1)))
		}
		name := r.Name
		if r.Task {
			name = "task " + name
		}
		t.add(figures.Thousands(r.Count), figures.Span(r.Nanos), figures.Span(r.P50Nanos), figures.Span(r.P99Nanos), figures.Span(r.MaxNanos),
			share(r.RunningNanos), share(r.IONanos), share(r.LockNanos), share(r.SyncNanos), oneLine(name))
	}
	t.write(&p.b, "  ")
	if n := len(regions) - maxRegions; n > 0 {
		p.b.WriteString("  " + faint("… "+figures.Plural(int64(n), "more region")) + "\n")
	}
}
