package finding

import (
	"fmt"
	"io"
	"strings"

	"github.com/concdoctor/concdoctor/internal/untrusted"
)

// Printer writes findings as text for people, without control characters. The zero value writes plain text
// without source lines and is ready to use; it may be used by several goroutines
// at once if its functions may.
type Printer struct {
	// Source returns the text of the line at a frame, "" if it is not at hand.
	Source func(Frame) string
	// Strong and Faint wrap text in whatever the output uses for emphasis.
	Strong, Faint func(string) string
	// MaxFrames limits each stack; 0 means 6.
	MaxFrames int
	// Verbose writes Coffman's four conditions as a table with the evidence of each, where
	// one line says that all of them hold.
	Verbose bool
	// Explained, if not nil, is the report's Explains: blocked goroutines that a finding is
	// about are referred to it.
	Explained func(*BlockedGroup) (number int, shown bool)
}

const defaultMaxFrames = 6

// Headline returns the finding's first line: "lock-cycle (potential): …".
func (f *Finding) Headline() string {
	return fmt.Sprintf("%s (%s): %s", f.Rule, f.Certainty, f.Title)
}

// Print writes the finding: its headline, then the evidence indented by two.
func (p Printer) Print(w io.Writer, f *Finding) error {
	f = untrusted.Clean(f)
	var b strings.Builder
	b.WriteString(p.strong(f.Headline()) + "\n")
	p.PrintEvidence(&b, f, "  ")
	_, err := io.WriteString(w, b.String())
	return err
}

// PrintEvidence writes all but the headline, each line after indent.
func (p Printer) PrintEvidence(b *strings.Builder, f *Finding, indent string) {
	f = untrusted.Clean(f)
	out := block{p: p, b: b}
	if f.Detail != "" {
		for line := range strings.Lines(f.Detail) {
			out.line(indent, strings.TrimRight(line, "\n"))
		}
	}
	out.measures(indent, f.Measures)
	out.resources(indent, f)
	for i := range f.Goroutines {
		out.goroutine(indent, f, &f.Goroutines[i])
	}
	for _, place := range f.Places {
		out.place(indent, place)
	}
	if f.Coffman != nil && (p.Verbose || !f.Coffman.Holds()) {
		out.coffman(indent, f.Coffman)
	} else if f.Coffman != nil {
		hold := "would hold"
		if f.Certainty >= Proven {
			hold = "hold"
		}
		out.line(indent, "all four Coffman conditions "+hold+f.Coffman.breaks())
	}
	if seen := f.SeenText(); seen != "" {
		out.line(indent, "seen in "+seen)
	}
	for _, e := range f.Evidence {
		out.line(indent, "evidence: "+e.Text+" ("+e.Source+")")
	}
	out.line(indent, p.strong("fix:")+" "+f.Fix)
	out.line(indent, p.faint("more: concdoctor explain "+string(f.Rule)+"   fingerprint "+f.Fingerprint))
}

// ResourceLabel is the letter by which a finding's text calls its i-th resource:
// A to Z, then R26 and so on.
func ResourceLabel(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return fmt.Sprintf("R%d", i)
}

// block writes the parts of one finding.
type block struct {
	p Printer
	b *strings.Builder
}

func (o block) line(indent, text string) {
	o.b.WriteString(strings.TrimRight(indent+text, " ") + "\n")
}

func (o block) measures(indent string, measures []Measure) {
	if len(measures) > 0 {
		o.line(indent, measuresText(measures))
	}
}

func measuresText(measures []Measure) string {
	texts := make([]string, len(measures))
	for i, m := range measures {
		texts[i] = m.Name + " " + m.Text()
	}
	return strings.Join(texts, " · ")
}

func (o block) resources(indent string, f *Finding) {
	for i, r := range f.Resources {
		text := ResourceLabel(i) + " = " + string(r.Kind)
		if r.Name != "" {
			text += " " + r.Name
		}
		if !r.Class.IsZero() {
			text += ", first used in " + r.Class.String()
		}
		if r.Address != 0 {
			text += o.p.faint(fmt.Sprintf(" (%#x)", r.Address))
		}
		o.line(indent, text)
	}
}

func (o block) goroutine(indent string, f *Finding, g *Goroutine) {
	head := "goroutine"
	if g.ID != 0 {
		head += fmt.Sprintf(" %d", g.ID)
	}
	if g.Name != "" {
		head += " " + g.Name
	}
	if g.State != "" {
		head += " [" + g.State + "]"
	}
	if g.Test != "" {
		head += ofTest(g.Test)
	}
	if !g.Created.IsZero() {
		head += ", created by " + g.Created.String()
	}
	o.line(indent, head)
	for _, h := range g.Holds {
		o.line(indent, "  "+holdText(h, f.Resources[h.Resource].Kind)+" at")
		o.stack(indent+"    ", h.Stack)
	}
	if w := g.Wait; w != nil {
		verb := "  waits for "
		if f.Certainty < Observed && w.Nanos == 0 && !w.Blocked {
			verb = "  requests "
		}
		o.line(indent, verb+lockText(w.Resource, f.Resources[w.Resource].Kind, w.Mode)+" at")
		o.stack(indent+"    ", w.Stack)
	}
	if len(g.Stack) > 0 {
		o.stack(indent+"  ", g.Stack)
	}
}

func holdText(h Hold, kind ResourceKind) string {
	switch kind {
	case WaitGroup:
		return "has to call Done on " + ResourceLabel(h.Resource) + ", started"
	case Once:
		return "runs the function of " + ResourceLabel(h.Resource) + ", called"
	default:
		return "holds " + lockText(h.Resource, kind, h.Mode) + ", acquired"
	}
}

func lockText(i int, kind ResourceKind, mode Mode) string {
	if kind == RWMutex || kind == Channel && mode != "" {
		return ResourceLabel(i) + " (" + string(mode) + ")"
	}
	return ResourceLabel(i)
}

func (o block) place(indent string, place Place) {
	text := place.Role
	if len(place.Measures) > 0 {
		text += ": " + measuresText(place.Measures)
	}
	o.line(indent, text)
	o.stack(indent+"  ", place.Stack)
}

// stack writes the site and the calls above it. Runs of calls inside the standard
// library become one line, so that the limit is spent on the user's own code.
func (o block) stack(indent string, s Stack) {
	limit := o.p.MaxFrames
	if limit == 0 {
		limit = defaultMaxFrames
	}
	trimmed := s.Trim()
	for i, shown := 0, 0; i < len(trimmed); shown++ {
		if shown == limit {
			o.line(indent, o.p.faint(fmt.Sprintf("… %d more", len(trimmed)-i)))
			return
		}
		if n := standardRun(trimmed[i:]); i > 0 && n > 1 {
			o.line(indent, o.p.faint(fmt.Sprintf("… %d calls in the standard library", n)))
			i += n
			continue
		}
		o.line(indent, trimmed[i].String())
		if i == 0 {
			o.source(indent, trimmed[i])
		}
		i++
	}
}

// standardRun returns how many calls of the standard library s starts with.
func standardRun(s Stack) int {
	n := 0
	for n < len(s) && s[n].IsStandard() {
		n++
	}
	return n
}

func (o block) source(indent string, frame Frame) {
	if o.p.Source == nil {
		return
	}
	if text := untrusted.Text(o.p.Source(frame)); text != "" {
		o.line(indent, o.p.faint(fmt.Sprintf("    %d | ", frame.Line))+text)
	}
}

// breaks says which condition the fix removes, after a semicolon.
func (c *Coffman) breaks() string {
	if c.Breaks == "" {
		return ""
	}
	return "; the fix breaks " + c.Breaks
}

func (o block) coffman(indent string, c *Coffman) {
	o.line(indent, "Coffman's four conditions")
	for _, n := range c.Named() {
		mark := "no "
		if n.Holds {
			mark = "yes"
		}
		o.line(indent, fmt.Sprintf("  %-17s %s  %s", n.Name, mark, n.Evidence))
	}
	if breaks, said := strings.CutPrefix(c.breaks(), "; "); said {
		o.line(indent, "  "+breaks)
	}
}

func (p Printer) strong(s string) string {
	if p.Strong == nil {
		return s
	}
	return p.Strong(s)
}

func (p Printer) faint(s string) string {
	if p.Faint == nil {
		return s
	}
	return p.Faint(s)
}
