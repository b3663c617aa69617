package httpagent

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/agent/snapshot"
)

// waiting builds a snapshot: lock i is held by goroutine holders[i], and goroutine g
// waits for lock wants[g].
func waiting(holders []uint64, wants map[uint64]int, goroutines int) *snapshot.Snapshot {
	s := snapshot.New(time.Now())
	for i := range holders {
		s.Classes = append(s.Classes, snapshot.Class{ID: i, Kind: finding.Mutex, Name: string(rune('A' + i))})
		s.Resources = append(s.Resources, snapshot.Resource{Resource: finding.Resource{Kind: finding.Mutex, Name: string(rune('A' + i))}, ClassID: i})
	}
	for id := uint64(1); id <= uint64(goroutines); id++ {
		g := snapshot.Goroutine{ID: id, Name: fmt.Sprint("worker ", id)}
		for i, holder := range holders {
			if holder == id {
				g.Holds = append(g.Holds, snapshot.Hold{Resource: i, Mode: finding.Exclusive})
			}
		}
		if want, ok := wants[id]; ok {
			g.Wait = &snapshot.Wait{Op: "lock", Mode: finding.Exclusive, Resources: []int{want}}
		}
		s.Goroutines = append(s.Goroutines, g)
	}
	s.Complete()
	return s
}

// outline writes a tree as "1(2(3) 4)".
func outline(trees []*tree) string {
	var parts []string
	for _, t := range trees {
		part := fmt.Sprint(t.Goroutine.ID)
		if t.Cycle {
			part += "!"
		}
		if t.Waiting != nil {
			part += "(" + outline(t.Waiting) + ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " ")
}

func TestWaitsAreTrees(t *testing.T) {
	tests := []struct {
		name    string
		holders []uint64
		wants   map[uint64]int
		want    string
	}{
		{"a chain", []uint64{1, 2, 3}, map[uint64]int{2: 0, 3: 1, 4: 2}, "1(2(3(4)))"},
		{"many behind one", []uint64{1}, map[uint64]int{2: 0, 3: 0, 4: 0}, "1(2 3 4)"},
		{"a cycle with one behind it", []uint64{1, 2}, map[uint64]int{1: 1, 2: 0, 3: 0}, "1(2(1!) 3)"},
		{"a cycle comes first", []uint64{1, 3, 4}, map[uint64]int{2: 0, 3: 2, 4: 1}, "3(4(3!)) 1(2)"},
		{"nobody waits", []uint64{1}, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := outline(newWaits(waiting(tt.holders, tt.wants, 4)).Trees); got != tt.want {
				t.Errorf("trees %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWaitsStopAtTheirLimit(t *testing.T) {
	wants := map[uint64]int{}
	for id := uint64(2); id <= maxTrees+100; id++ {
		wants[id] = 0
	}
	view := newWaits(waiting([]uint64{1}, wants, maxTrees+100))
	if len(view.Trees) != 1 || len(view.Trees[0].Waiting)+view.Left != maxTrees+99 || view.Left == 0 {
		t.Errorf("%d shown, %d left", len(view.Trees[0].Waiting), view.Left)
	}
}

// TestPagesEscape puts markup wherever text comes from the program.
func TestPagesEscape(t *testing.T) {
	const evil = `"><script>alert(1)</script>`
	frame := finding.Frame{Func: "main." + evil, File: evil, Line: 1}
	s := waiting([]uint64{1}, map[uint64]int{2: 0}, 2)
	s.Note = evil
	s.Classes[0].Name, s.Resources[0].Name = evil, evil
	for i := range s.Goroutines {
		s.Goroutines[i].Stack, s.Goroutines[i].Created, s.Goroutines[i].State = finding.Stack{frame}, frame, evil
		s.Goroutines[i].Name = evil
	}
	longest := &snapshot.Longest{Stack: finding.Stack{frame}}
	s.Classes[0].Held = snapshot.Times{Count: 1, Longest: longest}
	s.Edges = []snapshot.Edge{{From: 0, To: 0, Count: 1, Held: finding.Stack{frame}, Asked: finding.Stack{frame}}}
	s.Findings = []finding.Finding{{Rule: evil, Title: evil, Detail: evil, Fix: evil, Fingerprint: evil}}
	for i := range pages {
		var body bytes.Buffer
		if err := pages[i].template.Execute(&body, shown{&pages[i], pages, s, pages[i].view(s), 5}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(body.String(), "<script") || !strings.Contains(body.String(), "alert(1)") && pages[i].Path != "" {
			t.Errorf("page %q does not escape what it shows", pages[i].Path)
		}
	}
}

func TestGraphDrawsTheBusiest(t *testing.T) {
	s := snapshot.New(time.Now())
	for i := range maxBoxes + 20 {
		s.Classes = append(s.Classes, snapshot.Class{ID: i, Kind: finding.Mutex, Name: fmt.Sprint("lock ", i)})
	}
	for i := 1; i < len(s.Classes); i++ {
		s.Edges = append(s.Edges, snapshot.Edge{From: i - 1, To: i, Count: 1})
	}
	last := len(s.Classes) - 1
	s.Edges = append(s.Edges, snapshot.Edge{From: last, To: last - 1, Count: 1}, snapshot.Edge{From: last, To: last, Count: 1})
	s.Complete()
	g := newOrder(s).Graph()
	if len(g.Boxes) != maxBoxes || g.Left != 20 {
		t.Errorf("%d boxes, %d left", len(g.Boxes), g.Left)
	}
	cyclic := 0
	for _, b := range g.Boxes {
		if b.Cyclic {
			cyclic++
		}
		if b.X < 0 || b.Y < 0 || b.X+b.Width > g.Width || b.Y+b.Height > g.Height {
			t.Errorf("box %q leaves the drawing", b.First)
		}
	}
	if cyclic != 2 {
		t.Errorf("%d boxes on a cycle, want the last 2", cyclic)
	}
}

// TestImpliedOrdersAreNotDrawn compares with brute force: what can be reached stays the
// same, and no edge that is left, but for those on cycles, can go.
func TestImpliedOrdersAreNotDrawn(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 9))
	for range 300 {
		s := snapshot.New(time.Now())
		n := 2 + r.IntN(8)
		for i := range n {
			s.Classes = append(s.Classes, snapshot.Class{ID: i, Name: fmt.Sprint(i)})
		}
		seen := map[[2]int]bool{}
		for range r.IntN(25) {
			pair := [2]int{r.IntN(n), r.IntN(n)}
			if r.IntN(4) > 0 && pair[0] > pair[1] { // mostly downwards, so that not all is one cycle
				pair[0], pair[1] = pair[1], pair[0]
			}
			if !seen[pair] {
				seen[pair] = true
				s.Edges = append(s.Edges, snapshot.Edge{From: pair[0], To: pair[1], Count: 1})
			}
		}
		s.Complete()
		all := newOrder(s).Edges
		kept := withoutImplied(all)
		if !sameReach(n, all, kept) {
			t.Fatalf("%v cut to %v: other ways", all, kept)
		}
		for i, e := range kept {
			rest := slices.Delete(slices.Clone(kept), i, i+1)
			if !e.Cyclic && e.From != e.To && sameReach(n, kept, rest) {
				t.Fatalf("edge %d to %d of %v is implied", e.From, e.To, kept)
			}
		}
	}
}

func sameReach(n int, a, b []namedEdge) bool {
	next := func(edges []namedEdge) map[int][]int {
		m := map[int][]int{}
		for _, e := range edges {
			m[e.From] = append(m[e.From], e.To)
		}
		return m
	}
	for from := range n {
		for to := range n {
			if leads(next(a), from, to) != leads(next(b), from, to) {
				return false
			}
		}
	}
	return true
}

func TestQuote(t *testing.T) {
	if got, want := quote("a\"b\\c\nd"), `"a\"b\\c\nd"`; got != want {
		t.Errorf("quote = %s, want %s", got, want)
	}
}

func TestNumbersForPeople(t *testing.T) {
	got := []string{
		duration(0), duration(7), duration(1500), duration(12_345_678), duration(999_999_999), duration(90e9), duration(7200e9),
		byteSize(12), byteSize(2048), byteSize(5 << 20), finding.Plural(1, "lock"), finding.Plural(3, "lock"), shorten("short"),
	}
	want := []string{"–", "7.00 ns", "1.50 µs", "12.3 ms", "1000 ms", "1.50 min", "2.00 h", "12 bytes", "2.00 kB", "5.00 MB", "1 lock", "3 locks", "short"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
