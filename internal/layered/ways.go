package layered

import (
	"cmp"
	"math"
	"slices"
)

// result turns vertices into points, from the top left corner.
func (d *drawing) result() *Layout {
	l := &Layout{Nodes: make([]Point, d.nodes), Edges: make([][]Point, len(d.edges)), Back: d.turned}
	left := math.Inf(1)
	for i := range d.vertices {
		left = min(left, d.vertices[i].x-d.vertices[i].Width/2)
	}
	for i := range d.vertices {
		v := &d.vertices[i]
		v.x -= left
		l.Width = max(l.Width, v.x+v.Width/2)
	}
	bands := d.bands()
	if n := len(bands); n > 0 {
		l.Height = bands[n-1].bottom
	}
	for n := range l.Nodes {
		l.Nodes[n] = Point{d.vertices[n].x, bands[d.vertices[n].row].middle()}
	}
	ports := d.ports()
	for i, chain := range d.chains {
		l.Edges[i] = d.way(chain, ports[i], bands)
		if d.turned[i] {
			slices.Reverse(l.Edges[i])
		}
	}
	return l
}

// way is the points of an edge from its upper to its lower end.
func (d *drawing) way(chain []int, ports [2]float64, bands []band) (points []Point) {
	for k, at := range chain {
		v := &d.vertices[at]
		band := bands[v.row]
		switch k {
		case 0:
			points = append(points, Point{v.x + ports[0], band.middle() + v.Height/2})
		case len(chain) - 1:
			points = append(points, Point{v.x + ports[1], band.middle() - v.Height/2})
		default:
			points = append(points, Point{v.x, band.top}, Point{v.x, band.bottom})
		}
	}
	return points
}

// band is where a row lies.
type band struct{ top, bottom float64 }

func (b band) middle() float64 { return (b.top + b.bottom) / 2 }

func (d *drawing) bands() []band {
	bands := make([]band, len(d.rows))
	top := 0.0
	for r, row := range d.rows {
		height := 0.0
		for _, v := range row {
			height = max(height, d.vertices[v].Height)
		}
		bands[r] = band{top, top + height}
		top += height + d.style.RowGap
	}
	return bands
}

// end is where an edge meets a side of a node.
type end struct {
	edge, side int // the side is 0 for the lower one of the upper node
	toward     float64
}

// ports returns for each edge how far its upper and its lower end are from the middle of
// their sides: those at one side lie side by side, in the order of where they lead.
func (d *drawing) ports() [][2]float64 {
	sides := make(map[[2]int][]end) // by node and side
	for i, chain := range d.chains {
		if n := len(chain); n > 0 {
			sides[[2]int{chain[0], 0}] = append(sides[[2]int{chain[0], 0}], end{i, 0, d.vertices[chain[1]].x})
			sides[[2]int{chain[n-1], 1}] = append(sides[[2]int{chain[n-1], 1}], end{i, 1, d.vertices[chain[n-2]].x})
		}
	}
	ports := make([][2]float64, len(d.chains))
	for at, ends := range sides {
		slices.SortFunc(ends, func(a, b end) int { return cmp.Or(cmp.Compare(a.toward, b.toward), cmp.Compare(a.edge, b.edge)) })
		last := float64(len(ends) - 1)
		gap := min(d.style.PortGap, usedSide*d.vertices[at[0]].Width/max(last, 1))
		for k, e := range ends {
			ports[e.edge][e.side] = (float64(k) - last/2) * gap
		}
	}
	return ports
}

// usedSide is the share of a side that ends of edges may take.
const usedSide = 0.7
