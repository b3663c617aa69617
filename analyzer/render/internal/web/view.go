package web

import (
	"html/template"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer/render/internal/graph"
)

// document is what the page's template shows.
type document struct {
	*finding.Report
	Policy string
	Style  template.CSS
	Script template.JS
	// Worst is the severity of the worst finding, "none" without any.
	Worst     string
	Schedules []schedule
	Diagnoses []*diagnosis
	Processes []blockedProcess
	Rules     []finding.Rule // of the findings, once each
}

func newDocument(rep *finding.Report, source func(finding.Frame) string) *document {
	d := &document{
		Report: rep, Policy: policy(), Worst: "none",
		Style: template.CSS(style), Script: template.JS(script), // ours, and constant
	}
	for i := range rep.Summary.Schedules {
		d.Schedules = append(d.Schedules, newSchedule(i, &rep.Summary.Schedules[i]))
	}
	said := make(map[finding.RuleID]bool)
	for i := range rep.Findings {
		f := &rep.Findings[i]
		d.Diagnoses = append(d.Diagnoses, newDiagnosis(i+1, rep, source))
		if rule, known := finding.LookupRule(f.Rule); known && !said[f.Rule] {
			said[f.Rule] = true
			d.Rules = append(d.Rules, rule)
		}
	}
	for i := range rep.Blocked {
		d.Processes = append(d.Processes, newBlockedProcess(rep, &rep.Blocked[i], source))
	}
	if len(rep.Findings) > 0 {
		d.Worst = rep.Findings[0].Severity.String()
	}
	return d
}

// Verdict is the report's first sentence.
func (d *document) Verdict() string {
	if d.Summary.Verdict != "" {
		return d.Summary.Verdict
	}
	return finding.Plural(len(d.Findings), "finding")
}

// schedule is what is shown of a trace.
type schedule struct {
	*finding.Schedule
	Index        int
	Plots        []plot
	Groups, More []group // More are those of little weight
	Flames       []flame
	EventLoops   []eventLoop
	Kinds        []kind
	Ways         []way
	Interference interference
}

// maxGroups are shown at once.
const maxGroups = 8

func newSchedule(index int, s *finding.Schedule) schedule {
	out := schedule{Schedule: s, Index: index, Flames: flames(s.Blocked)}
	for _, series := range s.Timeline {
		limit := 0
		if series.Name == "running" {
			limit = s.MaxProcs
		}
		if p, ok := newPlot(series, limit, s.WallNanos); ok {
			out.Plots = append(out.Plots, p)
		}
	}
	for i := range s.Groups {
		if g := newGroup(&s.Groups[i]); i < maxGroups {
			out.Groups = append(out.Groups, g)
		} else {
			out.More = append(out.More, g)
		}
	}
	for i := range s.Loops {
		out.EventLoops = append(out.EventLoops, newEventLoop(i, &s.Loops[i], s.WallNanos))
	}
	out.tellCourse()
	return out
}

// group is a group of goroutines with the shares of its time.
type group struct {
	*finding.Group
	Parts []part
}

// part is a share of a group's time, and where it begins in a bar, in percent.
type part struct {
	Name, Class string
	Share       float64
	At, Width   string
}

func newGroup(g *finding.Group) group {
	out := group{Group: g}
	at := 0.0
	for _, p := range []struct {
		name, class string
		nanos       int64
	}{
		{"running", "run", g.RunningNanos}, {"ready", "ready", g.RunnableNanos}, {"I/O", "io", g.IONanos},
		{"lock", "lock", g.LockNanos}, {"sync", "sync", g.SyncNanos},
	} {
		share := float64(max(p.nanos, 0)) / float64(max(g.LifeNanos, 1))
		share = min(share, 1-at)
		out.Parts = append(out.Parts, part{p.name, p.class, share, percent(at), percent(share)})
		at += share
	}
	return out
}

// diagnosis is what is shown of a finding.
type diagnosis struct {
	*finding.Finding
	N         int
	Drawing   *drawing // nil without a graph
	Matrix    *matrix  // nil without pairs
	Spreads   []spread
	Plots     []plot
	Function  string // to look for in flame graphs
	KnownRule bool
	source    func(finding.Frame) string
	inputs    []finding.Input
}

func newDiagnosis(n int, rep *finding.Report, source func(finding.Frame) string) *diagnosis {
	f := &rep.Findings[n-1]
	d := &diagnosis{Finding: f, N: n, Drawing: newDrawing(graph.Of(f)), Matrix: newMatrix(f.Pairs), source: source, inputs: rep.Inputs}
	_, d.KnownRule = finding.LookupRule(f.Rule)
	for _, h := range f.Histograms {
		if s, ok := newSpread(h); ok {
			d.Spreads = append(d.Spreads, s)
		}
	}
	for _, s := range f.Series {
		if p, ok := newPlot(s, 0, 0); ok {
			d.Plots = append(d.Plots, p)
		}
	}
	for _, p := range f.Places {
		if strings.HasPrefix(p.Role, "waits") || strings.HasPrefix(p.Role, "block") {
			d.Function = p.Stack.User().ShortFunc()
			break
		}
	}
	return d
}

// DetailLines are the paragraphs of the detail.
func (d *diagnosis) DetailLines() []string {
	return strings.FieldsFunc(d.Detail, func(r rune) bool { return r == '\n' || r == '\r' })
}

// Verb is what a goroutine does that does not hold: it waits, or would.
func (d *diagnosis) Verb(w *finding.Wait) string {
	if d.Certainty < finding.Observed && w.Nanos == 0 && !w.Blocked {
		return "asks for"
	}
	return "waits for"
}

// ModeOf is the mode of a hold or a wait where the kind of lock has several.
func (d *diagnosis) ModeOf(resource int, mode finding.Mode) finding.Mode {
	if d.Resources[resource].Kind == finding.RWMutex {
		return mode
	}
	return ""
}

// InputOf is the number of the input with that name, counted from 1, else 0.
func (d *diagnosis) InputOf(name string) int {
	return 1 + slices.IndexFunc(d.inputs, func(in finding.Input) bool { return in.Name == name })
}

// call is a line of a stack.
type call struct {
	finding.Frame
	// Own says that the code is neither the standard library's nor the machinery.
	Own bool
	// Source is the text of the line, "" if it is not at hand.
	Source string
}

// Stack is the stack from its site on, with the source of the site.
func (d *diagnosis) Stack(s finding.Stack) []call { return newCalls(s, d.source) }

func newCalls(s finding.Stack, source func(finding.Frame) string) []call {
	var calls []call
	for i, frame := range s.Trim() {
		c := call{Frame: frame, Own: !frame.IsStandard() && !frame.IsMachinery()}
		if i == 0 {
			c.Source = source(frame)
		}
		calls = append(calls, c)
	}
	return calls
}
