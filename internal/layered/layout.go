package layered

import (
	"maps"
	"slices"
)

// Size is the extent of a node.
type Size struct{ Width, Height float64 }

// Edge runs from node From to node To, as indexes. An edge from a node to itself
// takes no part in the layout.
type Edge struct{ From, To int }

// Point is a place; y grows downwards.
type Point struct{ X, Y float64 }

// Layout is where everything goes.
type Layout struct {
	// Nodes are the centres.
	Nodes []Point
	// Edges are the points of each edge from From to To: where it leaves the side of From
	// that faces To, where it enters and leaves each row between, where it meets the
	// facing side of To. Nil for an edge from a node to itself.
	Edges [][]Point
	// Back says of each edge that it closes a cycle and runs against the others.
	Back []bool
	Size
}

// Style says how a graph is laid out.
type Style struct {
	// RowGap is the room between rows, NodeGap that between the nodes of one.
	RowGap, NodeGap float64
	// BendWidth is the room that an edge takes in a row that it passes.
	BendWidth float64
	// PortGap is the room between two edges at one side of a node, where it is wide enough.
	PortGap float64
	// Rightward lets rows be columns, from left to right.
	Rightward bool
}

const (
	sortSweeps = 12
	moveSweeps = 40 // a cycle of ten nodes is straight then
)

// Place lays out the graph.
func Place(nodes []Size, edges []Edge, style Style) *Layout {
	if style.Rightward {
		turned := make([]Size, len(nodes))
		for i, n := range nodes {
			turned[i] = Size{Width: n.Height, Height: n.Width}
		}
		l := place(turned, edges, style)
		l.turn()
		return l
	}
	return place(nodes, edges, style)
}

// turn lets what ran down run to the right.
func (l *Layout) turn() {
	l.Width, l.Height = l.Height, l.Width
	for i, p := range l.Nodes {
		l.Nodes[i] = Point{p.Y, p.X}
	}
	for _, points := range l.Edges {
		for i, p := range points {
			points[i] = Point{p.Y, p.X}
		}
	}
}

func place(nodes []Size, edges []Edge, style Style) *Layout {
	d := newDrawing(nodes, edges)
	d.style = style
	d.assignRows()
	d.closeRows()
	d.addBends()
	d.fillRows()
	d.sortRows()
	d.spread()
	return d.result()
}

// vertex is a node or a bend of an edge.
type vertex struct {
	Size
	row, place int // the place is the index in its row
	x          float64
	up, down   []int // neighbours in the rows above and below
	// light are those of up and down between which and this one an edge that closes a
	// cycle begins or ends.
	light []int
}

// drawing is a layout in the making.
type drawing struct {
	style    Style
	vertices []vertex // the nodes first
	nodes    int
	edges    []Edge
	turned   []bool  // edges that close a cycle
	chains   [][]int // the vertices along each edge, from the upper to the lower end
	rows     [][]int
}

func newDrawing(nodes []Size, edges []Edge) *drawing {
	d := &drawing{nodes: len(nodes), edges: edges, turned: make([]bool, len(edges)), chains: make([][]int, len(edges))}
	for _, size := range nodes {
		d.vertices = append(d.vertices, vertex{Size: size})
	}
	return d
}

// upper and lower are the ends of an edge after cycles were broken.
func (d *drawing) upper(i int) int {
	if d.turned[i] {
		return d.edges[i].To
	}
	return d.edges[i].From
}

func (d *drawing) lower(i int) int {
	if d.turned[i] {
		return d.edges[i].From
	}
	return d.edges[i].To
}

// assignRows turns the edges that lead back in a depth-first search, and puts every
// node below all of its predecessors.
func (d *drawing) assignRows() {
	out := make([][]int, d.nodes) // edges by their From
	for i, e := range d.edges {
		if e.From != e.To {
			out[e.From] = append(out[e.From], i)
		}
	}
	const unseen, open, closed = 0, 1, 2
	state := make([]int, d.nodes)
	var finished []int
	var visit func(n int)
	visit = func(n int) {
		state[n] = open
		for _, i := range out[n] {
			switch state[d.edges[i].To] {
			case unseen:
				visit(d.edges[i].To)
			case open:
				d.turned[i] = true
			}
		}
		state[n] = closed
		finished = append(finished, n)
	}
	for n := range d.nodes {
		if state[n] == unseen {
			visit(n)
		}
	}
	below := make([][]int, d.nodes)
	for i, e := range d.edges {
		if e.From != e.To {
			below[d.upper(i)] = append(below[d.upper(i)], d.lower(i))
		}
	}
	for k := len(finished) - 1; k >= 0; k-- { // a topological order
		n := finished[k]
		for _, to := range below[n] {
			d.vertices[to].row = max(d.vertices[to].row, d.vertices[n].row+1)
		}
	}
	above := make([]int, d.nodes)
	for _, list := range below {
		for _, to := range list {
			above[to]++
		}
	}
	for _, n := range finished { // successors first
		if len(below[n]) > above[n] {
			d.lowerTo(n, below[n])
		}
	}
}

// lowerTo puts a node right above the highest of its successors: where it has more of
// these than predecessors, that makes its edges shorter in sum.
func (d *drawing) lowerTo(n int, successors []int) {
	row := d.vertices[successors[0]].row
	for _, to := range successors {
		row = min(row, d.vertices[to].row)
	}
	d.vertices[n].row = row - 1
}

// closeRows renumbers the rows so that none is empty.
func (d *drawing) closeRows() {
	used := make(map[int]bool)
	for i := range d.vertices {
		used[d.vertices[i].row] = true
	}
	number := make(map[int]int, len(used))
	for i, row := range slices.Sorted(maps.Keys(used)) {
		number[row] = i
	}
	for i := range d.vertices {
		d.vertices[i].row = number[d.vertices[i].row]
	}
}

// addBends makes each edge a chain with one vertex a row.
func (d *drawing) addBends() {
	for i, e := range d.edges {
		if e.From == e.To {
			continue
		}
		from, to := d.upper(i), d.lower(i)
		chain := []int{from}
		for row := d.vertices[from].row + 1; row < d.vertices[to].row; row++ {
			chain = append(chain, len(d.vertices))
			d.vertices = append(d.vertices, vertex{Size: Size{Width: d.style.BendWidth}, row: row})
		}
		chain = append(chain, to)
		for k := 1; k < len(chain); k++ {
			a, b := chain[k-1], chain[k]
			d.vertices[a].down = append(d.vertices[a].down, b)
			d.vertices[b].up = append(d.vertices[b].up, a)
			if d.turned[i] && (k == 1 || k == len(chain)-1) {
				d.vertices[a].light = append(d.vertices[a].light, b)
				d.vertices[b].light = append(d.vertices[b].light, a)
			}
		}
		d.chains[i] = chain
	}
}

func (d *drawing) fillRows() {
	for v := range d.vertices {
		row := d.vertices[v].row
		for len(d.rows) <= row {
			d.rows = append(d.rows, nil)
		}
		d.vertices[v].place = len(d.rows[row])
		d.rows[row] = append(d.rows[row], v)
	}
}
