package graph

import (
	"unicode/utf8"

	"github.com/concdoctor/concdoctor/internal/layered"
)

// Measures of the picture, in units of about a pixel.
const (
	charWidth  = 6.7
	lineHeight = 17
	nodePad    = 12
	leastGap   = 70 // between columns; labels of arrows may need more
	labelWidth = 6.2
	headLength = 18 // of an arrow, with some room
	nodeGap    = 22
	margin     = 26
	// portGap keeps two arrows between the same nodes apart, so that their labels are read.
	portGap = 18
)

// Box is a node with its place.
type Box struct {
	*Node
	X, Y, W, H float64
}

// Point is a place in the picture.
type Point = layered.Point

// Line is an arrow's way, from node to node, and where its label stands.
type Line struct {
	*Edge
	Points []Point
	Label  Point
	// Back arrows close a cycle and run from right to left.
	Back bool
}

// Layout is a drawn graph.
type Layout struct {
	W, H  float64
	Boxes []Box
	Lines []Line
}

// Layout places nodes and arrows. Equal graphs give equal pictures. No arrow leads from a
// node to itself.
func (g *Graph) Layout() Layout {
	if len(g.Nodes) == 0 {
		return Layout{}
	}
	sizes, edges := make([]layered.Size, len(g.Nodes)), make([]layered.Edge, len(g.Edges))
	for i := range g.Nodes {
		sizes[i] = g.Nodes[i].size()
	}
	for i, e := range g.Edges {
		edges[i] = layered.Edge{From: e.From, To: e.To}
	}
	l := layered.Place(sizes, edges, layered.Style{RowGap: g.gap(), NodeGap: nodeGap, BendWidth: lineHeight, PortGap: portGap, Rightward: true})
	out := Layout{W: l.Width + 2*margin, H: l.Height + 2*margin}
	for i, at := range l.Nodes {
		w, h := sizes[i].Width, sizes[i].Height
		out.Boxes = append(out.Boxes, Box{Node: &g.Nodes[i], X: at.X - w/2 + margin, Y: at.Y - h/2 + margin, W: w, H: h})
	}
	for i := range g.Edges {
		line := Line{Edge: &g.Edges[i], Back: l.Back[i]}
		for _, p := range l.Edges[i] {
			line.Points = append(line.Points, Point{X: p.X + margin, Y: p.Y + margin})
		}
		line.Label = middle(line.Points)
		out.Lines = append(out.Lines, line)
	}
	return out
}

func (n *Node) size() layered.Size {
	widest := 0
	for _, line := range n.Lines {
		widest = max(widest, utf8.RuneCountInString(line))
	}
	return layered.Size{Width: float64(widest)*charWidth + 2*nodePad, Height: float64(len(n.Lines))*lineHeight + nodePad}
}

// gap is the room between two columns: the longest label and an arrow's head.
func (g *Graph) gap() float64 {
	longest := 0
	for i := range g.Edges {
		longest = max(longest, utf8.RuneCountInString(g.Edges[i].Label))
	}
	return max(leastGap, float64(longest)*labelWidth+2*headLength)
}

// middle is where the label of an arrow through the points stands: between its nodes, or,
// of an arrow that passes others, beside the first of those.
func middle(points []Point) Point {
	p, q := points[0], points[1]
	if len(points) > 2 {
		p, q = points[1], points[2]
	}
	return Point{X: (p.X + q.X) / 2, Y: (p.Y + q.Y) / 2}
}
