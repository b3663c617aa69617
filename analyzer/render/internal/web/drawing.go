package web

import (
	"strings"

	"github.com/concdoctor/concdoctor/analyzer/render/internal/graph"
)

// drawing is a graph with the words of SVG.
type drawing struct {
	W, H string
	// Large drawings are not made smaller than a phone's screen can show.
	Large bool
	Nodes []drawnNode
	Edges []drawnEdge
	// Alt is the graph in words.
	Alt string
}

type drawnNode struct {
	X, Y, W, H string
	Class      string
	Lines      []drawnLine
}

type drawnLine struct{ X, Y, Text string }

type drawnEdge struct {
	Class, Path string
	X, Y, Label string
}

var (
	nodeClasses = [...]string{graph.Resource: "resource", graph.Goroutine: "goroutine", graph.Place: "place"}
	edgeClasses = [...]string{graph.Waits: "waits", graph.Asks: "asks", graph.Holds: "holds", graph.Touches: "touches"}
)

const (
	largeWidth = 930
	firstLine  = 19 // of a node's text below its upper edge
	nextLine   = 17
)

// newDrawing returns nil for a graph with a single arrow, which says nothing that the
// text does not.
func newDrawing(g graph.Graph) *drawing {
	if len(g.Edges) < 2 {
		return nil
	}
	l := g.Layout()
	d := &drawing{W: decimal(l.W), H: decimal(l.H), Large: l.W > largeWidth}
	for _, b := range l.Boxes {
		n := drawnNode{X: decimal(b.X), Y: decimal(b.Y), W: decimal(b.W), H: decimal(b.H), Class: nodeClasses[b.Kind]}
		for i, text := range b.Lines {
			n.Lines = append(n.Lines, drawnLine{decimal(b.X + b.W/2), decimal(b.Y + firstLine + float64(i)*nextLine), text})
		}
		d.Nodes = append(d.Nodes, n)
	}
	var words []string
	for _, line := range l.Lines {
		d.Edges = append(d.Edges, drawnEdge{edgeClasses[line.Kind], curve(line.Points), decimal(line.Label.X), decimal(line.Label.Y), line.Edge.Label})
		words = append(words, g.Nodes[line.From].Lines[0]+" – "+line.Edge.Label+" → "+g.Nodes[line.To].Lines[0])
	}
	d.Alt = strings.Join(words, "; ")
	return d
}

func at(p graph.Point) string { return decimal(p.X) + " " + decimal(p.Y) }

// curve runs smoothly through the points, level at each.
func curve(points []graph.Point) string {
	path := "M" + at(points[0])
	for i := 1; i < len(points); i++ {
		p, q := points[i-1], points[i]
		middle := (p.X + q.X) / 2
		path += "C" + at(graph.Point{X: middle, Y: p.Y}) + " " + at(graph.Point{X: middle, Y: q.Y}) + " " + at(q)
	}
	return path
}
