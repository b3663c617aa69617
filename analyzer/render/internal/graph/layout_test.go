package graph

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// check holds what every picture must satisfy: nodes apart and inside, arrows that
// begin and end at the facing sides of their nodes, apart from those the other way, and
// run from left to right, or back.
func check(g *Graph, l Layout) error {
	inside := func(p Point) bool { return p.X >= 0 && p.X <= l.W && p.Y >= 0 && p.Y <= l.H }
	if len(l.Boxes) != len(g.Nodes) || len(l.Lines) != len(g.Edges) {
		return fmt.Errorf("%d boxes and %d lines", len(l.Boxes), len(l.Lines))
	}
	for i, a := range l.Boxes {
		if !inside(Point{X: a.X, Y: a.Y}) || !inside(Point{X: a.X + a.W, Y: a.Y + a.H}) {
			return fmt.Errorf("box %d %+v is outside of %v x %v", i, a, l.W, l.H)
		}
		for j, b := range l.Boxes[:i] {
			if a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H {
				return fmt.Errorf("boxes %d and %d overlap", i, j)
			}
		}
	}
	for i, line := range l.Lines {
		from, to := l.Boxes[line.From], l.Boxes[line.To]
		first, last := line.Points[0], line.Points[len(line.Points)-1]
		if line.Back { // from the left side of one to the right side of the other
			first, last, from, to = last, first, to, from
		}
		off, end := math.Abs(first.Y-(from.Y+from.H/2)), math.Abs(last.Y-(to.Y+to.H/2))
		if !near(first.X, from.X+from.W) || !near(last.X, to.X) || off > from.H/2 || end > to.H/2 {
			return fmt.Errorf("line %d runs from %v to %v", i, first, last)
		}
		for j, other := range l.Lines[:i] {
			if other.From == line.To && other.To == line.From && near(other.Points[0].Y, line.Points[len(line.Points)-1].Y) {
				return fmt.Errorf("lines %d and %d lie on each other", i, j)
			}
		}
		for j, p := range line.Points {
			if !inside(p) {
				return fmt.Errorf("line %d leaves the picture at %v", i, p)
			}
			if j > 0 && !near(p.X, line.Points[j-1].X) && p.X < line.Points[j-1].X != line.Back {
				return fmt.Errorf("line %d turns", i)
			}
		}
		if !inside(line.Label) {
			return fmt.Errorf("label of line %d is outside", i)
		}
	}
	return nil
}

const slack = 1e-6 // of sums of lengths

func near(a, b float64) bool { return math.Abs(a-b) < slack }

func random(r *rand.Rand) *Graph {
	g := new(Graph)
	for range 1 + r.IntN(9) {
		g.Nodes = append(g.Nodes, Node{Kind: NodeKind(r.IntN(3)), Lines: []string{strings.Repeat("x", r.IntN(20)), "y"}})
	}
	for range r.IntN(14) {
		if e := (Edge{From: r.IntN(len(g.Nodes)), To: r.IntN(len(g.Nodes))}); e.From != e.To {
			g.Edges = append(g.Edges, e)
		}
	}
	return g
}

func TestLayout(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	back := 0
	for range 2000 {
		g := random(r)
		l := g.Layout()
		if err := check(g, l); err != nil {
			t.Fatalf("%+v: %v", g, err)
		}
		for _, line := range l.Lines {
			if line.Back {
				back++
			}
		}
		if !reflect.DeepEqual(l, g.Layout()) {
			t.Fatal("a second layout differs")
		}
	}
	if back == 0 {
		t.Error("no cycles: the test tells little")
	}
}

// TestLayoutOfCycle: a cycle of n goroutines is a row with one arrow back.
func TestLayoutOfCycle(t *testing.T) {
	const n = 6
	g := new(Graph)
	for i := range n {
		g.Nodes = append(g.Nodes, Node{Lines: []string{"x"}})
		g.Edges = append(g.Edges, Edge{From: i, To: (i + 1) % n})
	}
	l := g.Layout()
	for i := range n {
		if back := l.Lines[i].Back; back != (i == n-1) {
			t.Errorf("edge %d runs back: %v", i, back)
		}
		if i > 0 && l.Boxes[i].X <= l.Boxes[i-1].X {
			t.Errorf("node %d is not to the right of the one before", i)
		}
	}
}

func TestLayoutOfNothing(t *testing.T) {
	if l := new(Graph).Layout(); l.W != 0 || len(l.Boxes) != 0 {
		t.Errorf("%+v", l)
	}
}
