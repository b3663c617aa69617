package layered

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// check holds what every layout satisfies: no two nodes overlap, all lies inside,
// edges join their nodes, and all but turned ones run downwards.
func check(t *testing.T, nodes []Size, edges []Edge, l *Layout) {
	t.Helper()
	const close = 1e-6
	for i, p := range l.Nodes {
		if p.X-nodes[i].Width/2 < -close || p.X+nodes[i].Width/2 > l.Width+close || p.Y-nodes[i].Height/2 < -close || p.Y+nodes[i].Height/2 > l.Height+close {
			t.Errorf("node %d at %v leaves %v", i, p, l.Size)
		}
		for j, q := range l.Nodes[:i] {
			apartX := max(p.X-q.X, q.X-p.X) >= (nodes[i].Width+nodes[j].Width)/2-close
			apartY := max(p.Y-q.Y, q.Y-p.Y) >= (nodes[i].Height+nodes[j].Height)/2-close
			if !apartX && !apartY {
				t.Errorf("nodes %d at %v and %d at %v overlap", i, p, j, q)
			}
		}
	}
	for i, e := range edges {
		points := l.Edges[i]
		if e.From == e.To {
			if points != nil {
				t.Errorf("edge %d from a node to itself has points", i)
			}
			continue
		}
		for end, n := range map[Point]int{points[0]: e.From, points[len(points)-1]: e.To} {
			if off := end.X - l.Nodes[n].X; max(off, -off) > usedSide*nodes[n].Width/2+close {
				t.Errorf("edge %d %v meets node %d at %v, not at its side", i, e, n, end)
			}
		}
		for j, f := range edges[:i] {
			if f == (Edge{e.To, e.From}) && points[0] == l.Edges[j][len(l.Edges[j])-1] {
				t.Errorf("edges %d and %d lie on each other", i, j)
			}
		}
		down := points[0].Y < points[len(points)-1].Y
		for k := 1; k < len(points); k++ {
			if (points[k-1].Y < points[k].Y) != down {
				t.Errorf("edge %d goes up and down: %v", i, points)
			}
		}
	}
}

var style = Style{RowGap: 56, NodeGap: 28, BendWidth: 14, PortGap: 14}

func boxes(n int) (nodes []Size) {
	for range n {
		nodes = append(nodes, Size{100, 40})
	}
	return nodes
}

func TestChainIsAColumn(t *testing.T) {
	nodes, edges := boxes(3), []Edge{{0, 1}, {1, 2}, {0, 2}}
	l := Place(nodes, edges, style)
	check(t, nodes, edges, l)
	if !(l.Nodes[0].Y < l.Nodes[1].Y && l.Nodes[1].Y < l.Nodes[2].Y) {
		t.Errorf("nodes %v do not go down", l.Nodes)
	}
	if len(l.Edges[2]) != 4 {
		t.Errorf("the long edge has points %v, want those of one row between", l.Edges[2])
	}
}

func TestCycleHasOneEdgeUp(t *testing.T) {
	nodes, edges := boxes(3), []Edge{{0, 1}, {1, 2}, {2, 0}, {1, 1}}
	l := Place(nodes, edges, style)
	check(t, nodes, edges, l)
	up := 0
	for i := range 3 {
		if points := l.Edges[i]; points[0].Y > points[len(points)-1].Y {
			up++
		}
	}
	if up != 1 {
		t.Errorf("%d edges run up, want 1", up)
	}
}

func TestCrossingsAreRemoved(t *testing.T) {
	// Two nodes above, two below, joined crosswise.
	edges := []Edge{{0, 3}, {1, 2}}
	d := newDrawing(boxes(4), edges)
	d.style = style
	d.assignRows()
	d.addBends()
	d.fillRows()
	if n := d.crossings(); n != 1 {
		t.Fatalf("%d crossings at first, want 1", n)
	}
	d.sortRows()
	if n := d.crossings(); n != 0 {
		t.Errorf("%d crossings are left", n)
	}
}

func TestEmpty(t *testing.T) {
	if l := Place(nil, nil, style); l.Width != 0 || l.Height != 0 {
		t.Errorf("size %v of nothing", l.Size)
	}
}

func TestRandomGraphs(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 200 {
		var nodes []Size
		for range 1 + r.IntN(25) {
			nodes = append(nodes, Size{20 + 200*r.Float64(), 20 + 40*r.Float64()})
		}
		var edges []Edge
		for range r.IntN(50) {
			edges = append(edges, Edge{r.IntN(len(nodes)), r.IntN(len(nodes))})
		}
		l := Place(nodes, edges, style)
		check(t, nodes, edges, l)
		right := style
		right.Rightward = true
		across := Place(flipped(nodes), edges, right)
		across.turn()
		if diff := cmp.Diff(l, across); diff != "" {
			t.Fatalf("a layout to the right is not the one downwards, turned:\n%s", diff)
		}
		if diff := cmp.Diff(l, Place(nodes, edges, style)); diff != "" {
			t.Fatalf("two layouts of one graph differ:\n%s", diff)
		}
	}
}

func flipped(nodes []Size) (all []Size) {
	for _, n := range nodes {
		all = append(all, Size{n.Height, n.Width})
	}
	return all
}
