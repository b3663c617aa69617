package render

import (
	"fmt"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

const (
	// maxParts, maxLoops, maxRegions and maxKinds keep the summary on its screen.
	maxParts   = 5
	maxLoops   = 4
	maxRegions = 8
	maxKinds   = 4
	// noticed is the share of the run from which the runtime's own work is shown.
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
		t.add(finding.Thousands(l.Iterations), finding.FormatShare(l.Busy), finding.FormatDuration(l.P50Nanos), finding.FormatDuration(l.P99Nanos), finding.FormatDuration(l.MaxNanos), name)
	}
	if len(loops) > 0 {
		t.write(&p.b, "  ")
	}
}

func (p *page) waits(kinds []finding.WaitKind) {
	var texts []string
	for _, k := range kinds[:min(len(kinds), maxKinds)] {
		texts = append(texts, fmt.Sprintf("%s %s in %s (p50 %s, p95 %s)", k.Reason, finding.FormatDuration(k.Nanos), finding.Thousands(k.Count), finding.FormatDuration(k.P50Nanos), finding.FormatDuration(k.P95Nanos)))
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
		texts = append(texts, fmt.Sprintf("the garbage collector marked during %s of the run (%s)", finding.FormatShare(share), finding.Plural(i.Collections, "cycle")))
	}
	if own := i.AssistNanos + i.SweepNanos; float64(own) >= noticed*float64(s.WallNanos) {
		texts = append(texts, "goroutines spent "+finding.FormatDuration(own)+" on assisting it")
	}
	if float64(i.StopNanos) >= noticed*float64(s.WallNanos) {
		texts = append(texts, fmt.Sprintf("the world was stopped for %s in total (%s, %s at most)", finding.FormatDuration(i.StopNanos), finding.Plural(i.Stops, "time"), finding.FormatDuration(i.MaxStopNanos)))
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
		head = fmt.Sprintf("the critical paths of %s (%s), %s in total,", finding.Plural(path.Count, "region"), path.Of, finding.FormatDuration(path.Nanos))
	}
	p.b.WriteString(fill(head+" went through", 2, 4))
	var t table
	for i, part := range path.Parts {
		if i == maxParts {
			break
		}
		share := finding.FormatShare(float64(part.Nanos) / float64(max(path.Nanos, 1)))
		t.add(finding.FormatDuration(part.Nanos), share, part.State, part.Entry.String())
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
		t.add(finding.Thousands(r.Count), finding.FormatDuration(r.Nanos), finding.FormatDuration(r.P50Nanos), finding.FormatDuration(r.P99Nanos), finding.FormatDuration(r.MaxNanos),
			share(r.RunningNanos), share(r.IONanos), share(r.LockNanos), share(r.SyncNanos), oneLine(name))
	}
	t.write(&p.b, "  ")
	if n := len(regions) - maxRegions; n > 0 {
		p.b.WriteString("  " + faint("… "+finding.Plural(n, "more region")) + "\n")
	}
}
