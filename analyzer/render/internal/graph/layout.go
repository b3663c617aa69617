package graph

import (
	"cmp"
	"slices"
	"unicode/utf8"
)

// Measures of the picture, in units of about a pixel.
const (
	charWidth  = 6.7
	lineHeight = 17
	nodePad    = 12
	leastGap   = 70 // between layers; labels of arrows may need more
	labelWidth = 6.2
	nodeGap    = 22
	laneGap    = 22 // between arrows that run back
	detour     = 18 // how far an arrow that runs back keeps from its layer
	margin     = 26
	sweeps     = 6
)

// Box is a node with its place.
type Box struct {
	*Node
	X, Y, W, H float64
}

// Point is a place in the picture.
type Point struct{ X, Y float64 }

// Line is an arrow's way, from node to node, and where its label stands.
type Line struct {
	*Edge
	Points []Point
	Label  Point
	// Back arrows close a circle and run below the others.
	Back bool
}

// Layout is a drawn graph.
type Layout struct {
	W, H  float64
	Boxes []Box
	Lines []Line
}

// stop is a node, or a place where a long arrow crosses a layer.
type stop struct {
	node  int // -1 for a crossing
	layer int
	h     float64
	y     float64 // of its middle
	left  []int   // stops that arrows come from
	right []int
}

// drawing is the state of one layout.
type drawing struct {
	g      *Graph
	back   []bool // by edge
	layer  []int  // by node
	stops  []stop // nodes first
	ways   [][]int
	layers [][]int
	boxes  []Box
}

// Layout places nodes and arrows. Equal graphs give equal pictures.
func (g *Graph) Layout() Layout {
	d := drawing{g: g, back: make([]bool, len(g.Edges)), layer: make([]int, len(g.Nodes)), boxes: make([]Box, len(g.Nodes))}
	d.setAside()
	d.assign()
	d.addStops()
	d.order()
	return d.draw()
}

// setAside marks the arrows that lead back to a node on the way to them.
func (d *drawing) setAside() {
	const unseen, onWay, done = 0, 1, 2
	state := make([]int, len(d.g.Nodes))
	var visit func(int)
	visit = func(n int) {
		state[n] = onWay
		for i, e := range d.g.Edges {
			if e.From != n {
				continue
			}
			switch state[e.To] {
			case unseen:
				visit(e.To)
			case onWay:
				d.back[i] = true
			}
		}
		state[n] = done
	}
	for n := range d.g.Nodes {
		if state[n] == unseen {
			visit(n)
		}
	}
}

// assign sets each node's layer to the longest way to it. What nothing leads to
// moves up to its nearest neighbour.
func (d *drawing) assign() {
	for range d.g.Nodes {
		for i, e := range d.g.Edges {
			if !d.back[i] {
				d.layer[e.To] = max(d.layer[e.To], d.layer[e.From]+1)
			}
		}
	}
	for n := range d.g.Nodes {
		next := -1
		for i, e := range d.g.Edges {
			if d.back[i] {
				continue
			}
			if e.To == n {
				next = -1
				break
			}
			if e.From == n && (next < 0 || d.layer[e.To] < next) {
				next = d.layer[e.To]
			}
		}
		if next > 0 {
			d.layer[n] = next - 1
		}
	}
}

// addStops makes the layers, with a stop wherever an arrow crosses one.
func (d *drawing) addStops() {
	for i := range d.g.Nodes {
		n := &d.g.Nodes[i]
		widest := 0
		for _, line := range n.Lines {
			widest = max(widest, utf8.RuneCountInString(line))
		}
		d.boxes[i] = Box{Node: n, W: float64(widest)*charWidth + 2*nodePad, H: float64(len(n.Lines))*lineHeight + nodePad}
		d.stops = append(d.stops, stop{node: i, layer: d.layer[i], h: d.boxes[i].H})
	}
	d.ways = make([][]int, len(d.g.Edges))
	for i, e := range d.g.Edges {
		way := []int{e.From}
		if !d.back[i] {
			for layer := d.layer[e.From] + 1; layer < d.layer[e.To]; layer++ {
				way = append(way, len(d.stops))
				d.stops = append(d.stops, stop{node: -1, layer: layer, h: lineHeight})
			}
			way = append(way, e.To)
			for j := 1; j < len(way); j++ {
				d.stops[way[j-1]].right = append(d.stops[way[j-1]].right, way[j])
				d.stops[way[j]].left = append(d.stops[way[j]].left, way[j-1])
			}
		}
		d.ways[i] = way
	}
	for i := range d.stops {
		for len(d.layers) <= d.stops[i].layer {
			d.layers = append(d.layers, nil)
		}
		d.layers[d.stops[i].layer] = append(d.layers[d.stops[i].layer], i)
	}
}

// order sorts each layer by the mean place of the neighbours to one side, and then
// to the other.
func (d *drawing) order() {
	d.stack()
	for sweep := range sweeps {
		leftToRight := sweep%2 == 0
		for i := range d.layers {
			layer := d.layers[i]
			if !leftToRight {
				layer = d.layers[len(d.layers)-1-i]
			}
			mean := make(map[int]float64, len(layer))
			for _, s := range layer {
				neighbours := d.stops[s].left
				if !leftToRight {
					neighbours = d.stops[s].right
				}
				mean[s] = d.stops[s].y
				if len(neighbours) > 0 {
					sum := 0.0
					for _, n := range neighbours {
						sum += d.stops[n].y
					}
					mean[s] = sum / float64(len(neighbours))
				}
			}
			slices.SortStableFunc(layer, func(a, b int) int { return cmp.Compare(mean[a], mean[b]) })
		}
		d.stack()
	}
}

// stack sets the layers' heights, each around the same middle.
func (d *drawing) stack() {
	for _, layer := range d.layers {
		y := -d.height(layer) / 2
		for _, s := range layer {
			d.stops[s].y = y + d.stops[s].h/2
			y += d.stops[s].h + nodeGap
		}
	}
}

func (d *drawing) height(layer []int) float64 {
	h := -float64(nodeGap)
	for _, s := range layer {
		h += d.stops[s].h + nodeGap
	}
	return max(h, 0)
}

// columns are where the layers stand.
type columns struct{ left, width []float64 }

func (c columns) right(layer int) float64 { return c.left[layer] + c.width[layer] }

func (d *drawing) columns() columns {
	c := columns{make([]float64, len(d.layers)), make([]float64, len(d.layers))}
	x, gap := float64(margin), d.gap()
	for i, layer := range d.layers {
		for _, s := range layer {
			if n := d.stops[s].node; n >= 0 {
				c.width[i] = max(c.width[i], d.boxes[n].W)
			}
		}
		c.left[i] = x
		x += c.width[i] + gap
	}
	return c
}

// gap is the room between two layers: the longest label and an arrow's head.
func (d *drawing) gap() float64 {
	longest := 0
	for i := range d.g.Edges {
		longest = max(longest, utf8.RuneCountInString(d.g.Edges[i].Label))
	}
	return max(leastGap, float64(longest)*labelWidth+2*detour)
}

func (d *drawing) draw() Layout {
	if len(d.layers) == 0 {
		return Layout{}
	}
	tallest := 0.0
	for _, layer := range d.layers {
		tallest = max(tallest, d.height(layer))
	}
	for i := range d.stops {
		d.stops[i].y += margin + tallest/2
	}
	at := d.columns()
	for i, s := range d.stops[:len(d.boxes)] {
		b := &d.boxes[i]
		b.X = at.left[s.layer] + (at.width[s.layer]-b.W)/2
		b.Y = s.y - b.H/2
	}
	out := Layout{W: at.right(len(d.layers)-1) + margin, H: tallest + 2*margin, Boxes: d.boxes}
	for i := range d.g.Edges {
		if d.back[i] {
			out.Lines = append(out.Lines, d.backLine(i, at, out.H))
			out.H += laneGap
		} else {
			out.Lines = append(out.Lines, d.line(i, at))
		}
	}
	return out
}

// line runs from the right side of its node, through its stops, to the left side of
// the other.
func (d *drawing) line(edge int, at columns) Line {
	e := &d.g.Edges[edge]
	from, to := &d.boxes[e.From], &d.boxes[e.To]
	way := d.ways[edge]
	points := []Point{{from.X + from.W, d.stops[e.From].y}}
	for _, s := range way[1 : len(way)-1] {
		st := &d.stops[s]
		points = append(points, Point{at.left[st.layer], st.y}, Point{at.right(st.layer), st.y})
	}
	points = append(points, Point{to.X, d.stops[e.To].y})
	return Line{Edge: e, Points: points, Label: Point{(points[0].X + points[1].X) / 2, (points[0].Y + points[1].Y) / 2}}
}

// backLine runs around its layer, along a lane below everything, and around the
// other's layer.
func (d *drawing) backLine(edge int, at columns, height float64) Line {
	e := &d.g.Edges[edge]
	from, to := &d.boxes[e.From], &d.boxes[e.To]
	lane := height + laneGap/2
	right, left := at.right(d.layer[e.From])+detour, at.left[d.layer[e.To]]-detour
	start, end := Point{from.X + from.W, d.stops[e.From].y}, Point{to.X, d.stops[e.To].y}
	return Line{
		Edge: e, Back: true,
		Points: []Point{start, {right, start.Y}, {right, lane}, {left, lane}, {left, end.Y}, end},
		Label:  Point{(right + left) / 2, lane},
	}
}
