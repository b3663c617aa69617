package render

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// page builds the text form.
type page struct {
	b    strings.Builder
	rep  *finding.Report
	opts Options
	top  int
}

func writeText(w io.Writer, r *finding.Report, opts Options) error {
	p := page{rep: r, opts: opts, top: opts.Top}
	switch {
	case p.top == 0:
		p.top = DefaultTop
	case p.top < 0:
		p.top = int(^uint(0) >> 1)
	}
	p.verdict()
	p.inputs()
	p.schedules()
	p.findings()
	p.evidence()
	p.blocked()
	p.profiles()
	p.gone()
	p.warnings()
	if _, err := io.WriteString(w, paint(p.b.String(), opts.Color)); err != nil {
		return fmt.Errorf("writing report: %w", err)
	}
	return nil
}

func (p *page) heading(text string) { p.b.WriteString("\n" + strong(text) + "\n") }

func (p *page) verdict() {
	text := p.rep.Summary.Verdict
	if text == "" {
		text = finding.Plural(len(p.rep.Findings), "finding")
	}
	head, rest, found := strings.Cut(text, ": ")
	if found && len(p.rep.Findings) > 0 {
		text = mark(severityMark(p.rep.Findings[0].Severity), head+":") + " " + rest
	}
	p.b.WriteString(fill(text, 0, 2))
}

func severityMark(s finding.Severity) rune {
	switch s {
	case finding.Error:
		return markError
	case finding.Warning:
		return markWarning
	}
	return markInfo
}

func (p *page) inputs() {
	if len(p.rep.Inputs) == 0 {
		return
	}
	p.heading("inputs")
	t := table{head: []string{"", "", ">", ">", ">"}}
	for _, in := range foldInputs(p.rep.Inputs) {
		size, events, covers := "", "", ""
		if in.Bytes > 0 {
			size = finding.Measure{Value: float64(in.Bytes), Unit: finding.Bytes}.Text()
		}
		if in.Events > 0 {
			events = finding.Thousands(in.Events) + " " + eventNoun(in)
		}
		if in.Nanos > 0 {
			covers = finding.FormatDuration(in.Nanos)
		}
		t.add(in.Kind, in.Name, size, events, covers)
	}
	t.write(&p.b, "  ")
}

// maxInputs is how many inputs of one kind are listed. More are one line: a test that
// starts a program a hundred times has as many recordings.
const maxInputs = 12

// foldInputs adds up the inputs of each kind that has many.
func foldInputs(all []finding.Input) []finding.Input {
	count := make(map[string]int)
	for _, in := range all {
		count[in.Kind]++
	}
	var folded []finding.Input
	sums := make(map[string]int) // where each sum is
	for _, in := range all {
		if count[in.Kind] <= maxInputs {
			folded = append(folded, in)
			continue
		}
		at, begun := sums[in.Kind]
		if !begun {
			sums[in.Kind] = len(folded)
			in.Name = fmt.Sprintf("%s and %d more", in.Name, count[in.Kind]-1)
			folded = append(folded, in)
			continue
		}
		sum := &folded[at]
		sum.Bytes, sum.Events, sum.Nanos = sum.Bytes+in.Bytes, sum.Events+in.Events, sum.Nanos+in.Nanos
	}
	return folded
}

func eventNoun(in finding.Input) string {
	noun := "event"
	switch {
	case strings.HasSuffix(in.Kind, "profile"):
		noun = "stack"
	case strings.HasSuffix(in.Kind, "dump"):
		noun = "goroutine"
	case strings.HasSuffix(in.Kind, "log"):
		noun = "report"
	}
	if in.Events == 1 {
		return noun
	}
	return noun + "s"
}

// findings writes one line for each of the worst.
func (p *page) findings() {
	if len(p.rep.Findings) == 0 {
		return
	}
	p.heading("findings")
	t := table{head: []string{">", "", "", ""}}
	for i := range p.rep.Findings {
		if i == p.top {
			break
		}
		f := &p.rep.Findings[i]
		title := f.Title
		if times := f.Repeats(); times != "" {
			title += " (" + times + ")"
		}
		if f.Change != "" {
			title = changeText(string(f.Change)) + ": " + title
		}
		t.add(strconv.Itoa(i+1), mark(severityMark(f.Severity), f.Severity.String()),
			string(f.Rule)+" "+faint(f.Certainty.String()), title)
	}
	t.write(&p.b, "  ")
	p.more(len(p.rep.Findings), "finding")
}

// more says how much of a list --top has cut off.
func (p *page) more(n int, what string) {
	if n > p.top {
		p.b.WriteString("  " + faint("… "+finding.Plural(n-p.top, "more "+what)+": --top 0 shows all") + "\n")
	}
}

func (p *page) evidence() {
	printer := finding.Printer{Source: p.opts.Source, Strong: strong, Faint: faint, Verbose: p.opts.Verbose}
	for i := range p.rep.Findings {
		if i == p.top {
			return
		}
		f := &p.rep.Findings[i]
		if i == 0 {
			p.heading("evidence")
		} else {
			p.b.WriteByte('\n')
		}
		head := fmt.Sprintf("%d. ", i+1)
		p.b.WriteString(fill(strong(head+f.Headline()), 2, 2+len(head)))
		var evidence strings.Builder
		printer.PrintEvidence(&evidence, f, strings.Repeat(" ", 2+len(head)))
		p.b.WriteString(wrap(evidence.String()))
		p.pairs(f.Pairs, strings.Repeat(" ", 2+len(head)))
		for _, h := range f.Histograms {
			p.histogram(h, strings.Repeat(" ", 2+len(head)))
		}
		p.series(f.Series, 0, strings.Repeat(" ", 2+len(head)))
	}
}

// maxPairs keeps the pairs of a finding a remark: those that matter come first.
const maxPairs = 5

// pairs writes which goroutines waited for which, where more than one pair did.
func (p *page) pairs(all []finding.Pair, indent string) {
	if len(all) < 2 {
		return
	}
	p.b.WriteString(indent + faint("waits by waiter and holder") + "\n")
	t := table{head: []string{">", "", ""}}
	for _, pair := range all[:min(len(all), maxPairs)] {
		blamed := faint("for ") + pair.Blamed.User().String()
		if len(pair.Blamed) == 0 {
			blamed = faint("while the woken goroutine had no processor")
		}
		t.add(finding.FormatDuration(pair.Nanos), pair.Waiter.User().String(), blamed)
	}
	t.write(&p.b, indent+"  ")
	if n := len(all) - maxPairs; n > 0 {
		p.b.WriteString(indent + "  " + faint("… "+finding.Plural(n, "more pair")) + "\n")
	}
}

// gone lists what an earlier report had and this one has not.
func (p *page) gone() {
	if len(p.rep.Gone) == 0 {
		return
	}
	p.heading("gone since the base")
	t := table{head: []string{"", "", ""}}
	for i := range p.rep.Gone {
		if i == p.top {
			break
		}
		f := &p.rep.Gone[i]
		t.add(f.Severity.String(), string(f.Rule)+" "+faint(f.Certainty.String()), f.Title)
	}
	t.write(&p.b, "  ")
	p.more(len(p.rep.Gone), "finding")
}

func (p *page) warnings() {
	if len(p.rep.Warnings) == 0 {
		return
	}
	p.heading("notes")
	for _, c := range p.rep.Warnings {
		text := c.Text
		if c.Input != "" {
			text = c.Input + ": " + text
		}
		p.b.WriteString(fill(strings.ReplaceAll(text, "\n", "; "), 2, 4))
	}
}
