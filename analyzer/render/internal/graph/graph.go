package graph

import (
	"fmt"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// NodeKind says what a node is.
type NodeKind uint8

// The kinds of node.
const (
	Resource NodeKind = iota
	Goroutine
	Place
)

// Node is a resource, a goroutine or a place of the finding.
type Node struct {
	Kind NodeKind
	// Lines are what is written in it, the name first.
	Lines []string
}

// EdgeKind says what an arrow means.
type EdgeKind uint8

// The kinds of edge.
const (
	// Waits leads from the waiter to the resource.
	Waits EdgeKind = iota
	// Asks is a wait in a schedule that has not happened.
	Asks
	// Holds leads from the resource to its holder.
	Holds
	// Touches is all else: what the holder does meanwhile, which goroutine reads a variable.
	Touches
)

// Edge is an arrow between two nodes, which are indices.
type Edge struct {
	From, To int
	Kind     EdgeKind
	Label    string
}

// Graph is the picture of one finding. The zero value is empty.
type Graph struct {
	Nodes []Node
	Edges []Edge
}

// maxLine keeps nodes narrower than a page.
const maxLine = 44

// Of returns the finding's graph; it has no nodes where the finding has no resource
// that a goroutine holds or waits for.
func Of(f *finding.Finding) Graph {
	b := builder{f: f, resources: make(map[int]int)}
	for i := range f.Goroutines {
		b.goroutine(&f.Goroutines[i])
	}
	if len(b.g.Edges) == 0 {
		for _, p := range f.Places {
			b.place(p)
		}
	}
	if len(b.g.Edges) == 0 {
		return Graph{}
	}
	return b.g
}

type builder struct {
	f         *finding.Finding
	g         Graph
	resources map[int]int // index in the finding to node
}

func (b *builder) node(n Node) int {
	for i, line := range n.Lines {
		n.Lines[i] = shorten(line)
	}
	b.g.Nodes = append(b.g.Nodes, n)
	return len(b.g.Nodes) - 1
}

// resource returns the node of the finding's i-th resource.
func (b *builder) resource(i int) int {
	if n, known := b.resources[i]; known {
		return n
	}
	r := b.f.Resources[i]
	head := finding.ResourceLabel(i) + " = " + string(r.Kind)
	if r.Name != "" {
		head += " " + r.Name
	}
	b.resources[i] = b.node(Node{Resource, append([]string{head}, where(r.Class)...)})
	return b.resources[i]
}

func (b *builder) goroutine(g *finding.Goroutine) {
	touches := g.Wait == nil && len(g.Holds) == 0 && len(b.f.Resources) == 1
	if !touches && g.Wait == nil && len(g.Holds) == 0 {
		return
	}
	lines := []string{goroutineName(g)}
	if g.State != "" && !touches {
		lines[0] += " [" + g.State + "]"
	}
	n := b.node(Node{Goroutine, append(lines, where(site(g))...)})
	if touches {
		b.edge(Edge{n, b.resource(0), Touches, g.State})
	}
	for _, h := range g.Holds {
		b.edge(Edge{b.resource(h.Resource), n, Holds, "held" + mode(b.f, h.Resource, h.Mode)})
	}
	if w := g.Wait; w != nil {
		kind, label := Waits, "waits"
		switch {
		case w.Nanos > 0:
			label += " " + finding.FormatDuration(w.Nanos)
		case b.f.Certainty < finding.Observed:
			kind, label = Asks, "asks"
		}
		b.edge(Edge{n, b.resource(w.Resource), kind, label + mode(b.f, w.Resource, w.Mode)})
	}
}

func goroutineName(g *finding.Goroutine) string {
	name := "goroutine"
	if g.ID != 0 {
		name += fmt.Sprintf(" %d", g.ID)
	}
	if g.Name != "" {
		name += " " + g.Name
	}
	if g.Test != "" {
		name += " of " + g.Test
	}
	return name
}

// site is where the goroutine waits, else where it is, else where it took what it holds.
func site(g *finding.Goroutine) finding.Frame {
	switch {
	case g.Wait != nil && len(g.Wait.Stack) > 0:
		return g.Wait.Stack.User()
	case len(g.Stack) > 0:
		return g.Stack.User()
	case len(g.Holds) > 0:
		return g.Holds[0].Stack.User()
	}
	return finding.Frame{}
}

// where names the function and below it the line, which keeps nodes narrow.
func where(frame finding.Frame) []string {
	var lines []string
	for _, text := range []string{frame.ShortFunc(), frame.Position()} {
		if text != "" {
			lines = append(lines, text)
		}
	}
	return lines
}

// mode is the mode of an RW lock.
func mode(f *finding.Finding, resource int, m finding.Mode) string {
	if f.Resources[resource].Kind == finding.RWMutex {
		return " " + string(m)
	}
	return ""
}

// parts are what a place's role begins with, and what it means for the resource:
// the label of the arrow, without and with a time.
var parts = [...]struct {
	prefix      string
	kind        EdgeKind
	label, time string
}{
	{"waits", Waits, "waits", "waits "},
	{"blocked", Waits, "waits", "waits "},
	{"holds", Holds, "held", "to blame for "},
	{"passes it on", Holds, "passed on", "passed on, "},
	{"home wait", Touches, "home", "home, "},
	{"blocks", Touches, "blocks", "blocks "},
	{"computes", Touches, "computes", "computes "},
}

// place adds a place with its arrow to the only resource there is.
func (b *builder) place(p finding.Place) {
	if len(b.f.Resources) != 1 || len(p.Stack) == 0 {
		return
	}
	for _, part := range parts {
		if !strings.HasPrefix(p.Role, part.prefix) {
			continue
		}
		n := b.node(Node{Place, append([]string{p.Role}, where(p.Stack.User())...)})
		label := part.label
		if m := firstTime(p.Measures); m != "" {
			label = part.time + m
		}
		if part.kind == Waits {
			b.edge(Edge{n, b.resource(0), part.kind, label})
		} else {
			b.edge(Edge{b.resource(0), n, part.kind, label})
		}
		return
	}
}

// firstTime is the first of the measures that is one.
func firstTime(measures []finding.Measure) string {
	for _, m := range measures {
		if m.Unit == finding.Nanos {
			return m.Text()
		}
	}
	return ""
}

func (b *builder) edge(e Edge) { b.g.Edges = append(b.g.Edges, e) }

// shorten cuts the middle out of a long line: a function's name says most at its
// ends.
func shorten(s string) string {
	runes := []rune(s)
	if len(runes) <= maxLine {
		return s
	}
	half := (maxLine - 1) / 2
	return string(runes[:half]) + "…" + string(runes[len(runes)-half:])
}
