package httpagent

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/agent/snapshot"
	"github.com/concdoctor/concdoctor/internal/layered"
)

// graph is the lock order as it is drawn: boxes and curves with their places.
type graph struct {
	Width, Height float64
	Boxes         []box
	Curves        []curve
	// Left counts the classes that are not drawn, Implied the orders that are not
	// because they follow from others.
	Left, Implied int
}

type box struct {
	X, Y, Width, Height float64
	// MiddleX, and the base lines of the two lines of text.
	MiddleX, FirstY, SecondY float64
	First, Second, Title     string
	Cyclic                   bool
}

// curve is a path in the notation of SVG's d attribute.
type curve struct {
	Path   string
	Title  string
	Cyclic bool
}

const (
	// maxBoxes is what fits on a page; the rest is in the table and in order.dot.
	maxBoxes = 80
	// letterWidth is that of a letter of the drawing's fixed-width font of 12 px.
	letterWidth = 7.25
	boxPadding  = 12
	boxHeight   = 44
	// margin leaves room for arrow heads and for the loops at the right of boxes.
	margin    = 8
	loopWidth = 34
	maxLetter = 44
)

// draw lays out the classes with most edges.
func draw(o *order) *graph {
	classes := mostConnected(o)
	g := &graph{Left: len(o.Classes) - len(classes)}
	place := make(map[int]int, len(classes)) // by class id
	sizes := make([]layered.Size, len(classes))
	for i, c := range classes {
		place[c.ID] = i
		b := newBox(&c)
		g.Boxes = append(g.Boxes, b)
		sizes[i] = layered.Size{Width: b.Width, Height: b.Height}
	}
	drawn := slices.DeleteFunc(slices.Clone(o.Edges), func(e namedEdge) bool {
		_, from := place[e.From]
		_, to := place[e.To]
		return !from || !to
	})
	all := len(drawn)
	drawn = withoutImplied(drawn)
	g.Implied = all - len(drawn)
	var edges []layered.Edge
	for _, e := range drawn {
		edges = append(edges, layered.Edge{From: place[e.From], To: place[e.To]})
	}
	l := layered.Place(sizes, edges, layered.Style{RowGap: 56, NodeGap: 28, BendWidth: 14, PortGap: 14})
	g.Width, g.Height = l.Width+2*margin+loopWidth, l.Height+2*margin
	for i := range g.Boxes {
		g.Boxes[i].moveTo(l.Nodes[i])
	}
	for i, e := range drawn {
		c := curve{Title: fmt.Sprintf("%s, then %s: %s", e.FromName, e.ToName, finding.Plural(int(e.Count), "way")), Cyclic: e.Cyclic}
		if e.From == e.To {
			c.Path = loop(&g.Boxes[edges[i].From])
		} else {
			c.Path = smooth(l.Edges[i])
		}
		g.Curves = append(g.Curves, c)
		if e.Cyclic {
			g.Boxes[edges[i].From].Cyclic, g.Boxes[edges[i].To].Cyclic = true, true
		}
	}
	return g
}

// mostConnected returns the classes to draw: those on cycles, then those with most edges.
func mostConnected(o *order) []snapshot.Class {
	if len(o.Classes) <= maxBoxes {
		return o.Classes
	}
	weight := make(map[int]int)
	for _, e := range o.Edges {
		n := 1
		if e.Cyclic {
			n = len(o.Edges)
		}
		weight[e.From] += n
		weight[e.To] += n
	}
	classes := slices.Clone(o.Classes)
	slices.SortStableFunc(classes, func(a, b snapshot.Class) int { return weight[b.ID] - weight[a.ID] })
	return classes[:maxBoxes]
}

func newBox(c *snapshot.Class) box {
	b := box{First: c.Name, Second: string(c.Kind), Title: c.String(), Height: boxHeight}
	if b.First == "" {
		b.First = c.Site.ShortFunc()
	}
	if at := c.Site.Position(); at != "" {
		b.Second += " " + at
	}
	b.First, b.Second = shorten(b.First), shorten(b.Second)
	letters := max(utf8.RuneCountInString(b.First), utf8.RuneCountInString(b.Second))
	b.Width = float64(letters)*letterWidth + 2*boxPadding
	return b
}

// shorten keeps the end of a name, where the function is.
func shorten(s string) string {
	letters := []rune(s)
	if len(letters) <= maxLetter {
		return s
	}
	return "…" + string(letters[len(letters)-maxLetter+1:])
}

func (b *box) moveTo(centre layered.Point) {
	const first, second = 18, 34 // of boxHeight
	b.X, b.Y = round(centre.X-b.Width/2+margin), round(centre.Y-b.Height/2+margin)
	b.MiddleX, b.FirstY, b.SecondY = round(centre.X+margin), b.Y+first, b.Y+second
}

// round keeps the text of the drawing short.
func round(v float64) float64 { return float64(int(v*10+0.5)) / 10 }

// smooth is a curve through the points, upright at each.
func smooth(points []layered.Point) string {
	var d strings.Builder
	for i, p := range points {
		x, y := round(p.X+margin), round(p.Y+margin)
		if i == 0 {
			fmt.Fprintf(&d, "M%g %g", x, y)
			continue
		}
		before := points[i-1]
		half := round((before.Y+p.Y)/2 + margin)
		fmt.Fprintf(&d, " C%g %g %g %g %g %g", round(before.X+margin), half, x, half, x, y)
	}
	return d.String()
}

// loop is the edge from a class to itself, at the right of its box.
func loop(b *box) string {
	x, top, bottom := b.X+b.Width, b.Y+b.Height*0.25, b.Y+b.Height*0.75
	return fmt.Sprintf("M%g %g C%g %g %g %g %g %g", x, top, x+loopWidth, top-6, x+loopWidth, bottom+6, x, bottom)
}

func renderSVG(s *snapshot.Snapshot) rendered {
	var body bytes.Buffer
	err := graphTemplate.ExecuteTemplate(&body, "graph", newOrder(s).Graph())
	return newRendered("image/svg+xml", &body, err)
}

var graphTemplate = parse("order")

// renderDOT writes all classes and edges for graphviz.
func renderDOT(s *snapshot.Snapshot) rendered {
	o := newOrder(s)
	var b bytes.Buffer
	b.WriteString("digraph \"lock order\" {\n\tnode [shape=box, fontname=monospace];\n")
	for _, c := range o.Classes {
		fmt.Fprintf(&b, "\tc%d [label=%s];\n", c.ID, quote(c.String()))
	}
	for _, e := range o.Edges {
		color := ""
		if e.Cyclic {
			color = ", color=red"
		}
		fmt.Fprintf(&b, "\tc%d -> c%d [label=%d, tooltip=%s%s];\n", e.From, e.To, e.Count,
			quote(e.Held.User().String()+", then "+e.Asked.User().String()), color)
	}
	b.WriteString("}\n")
	return newRendered("text/vnd.graphviz; charset=utf-8", &b, nil)
}

// quote writes a string of the DOT language: a backslash begins an escape there too.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}
