package snapshot

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// has and wants make the goroutines of the tests: they hold or want the only resource.
func has(id uint64, mode finding.Mode) Goroutine {
	return Goroutine{ID: id, Holds: []Hold{{Mode: mode}}}
}

func wants(id uint64, mode finding.Mode) Goroutine {
	return Goroutine{ID: id, Wait: &Wait{Op: "lock", Mode: mode, Resources: []int{0}}}
}

func TestWhoWaitsForWhom(t *testing.T) {
	const read, write, owe = finding.Shared, finding.Exclusive, finding.Await
	tests := []struct {
		name       string
		goroutines []Goroutine
		want       map[uint64][]uint64
	}{
		{"a writer for a writer", []Goroutine{has(1, write), wants(2, write)}, map[uint64][]uint64{2: {1}}},
		{"a reader for a writer", []Goroutine{has(1, write), wants(2, read)}, map[uint64][]uint64{2: {1}}},
		{"a writer for readers", []Goroutine{has(1, read), has(2, read), wants(3, write)}, map[uint64][]uint64{3: {1, 2}}},
		{"a reader behind a waiting writer", []Goroutine{has(1, read), wants(2, write), wants(3, read)}, map[uint64][]uint64{2: {1}, 3: {2}}},
		{"a reader for a writer that has it, not for those that wait", []Goroutine{has(1, write), wants(2, write), wants(3, read)}, map[uint64][]uint64{2: {1}, 3: {1}}},
		{"for who owes a Done", []Goroutine{has(1, owe), wants(2, "")}, map[uint64][]uint64{2: {1}}},
		{"for nobody", []Goroutine{wants(1, write)}, map[uint64][]uint64{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := New(time.Now())
			s.Resources, s.Goroutines = make([]Resource, 1), tt.goroutines
			s.Complete()
			got := map[uint64][]uint64{}
			holders, waiters := 0, 0
			for _, g := range s.Goroutines {
				if g.Wait == nil {
					holders++
					continue
				}
				waiters++
				if g.Wait.For != nil {
					got[g.ID] = g.Wait.For
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(s.Holders(0)) != holders || len(s.Waiters(0)) != waiters {
				t.Errorf("%d holders and %d waiters, want %d and %d", len(s.Holders(0)), len(s.Waiters(0)), holders, waiters)
			}
			if first := tt.goroutines[0].ID; s.Goroutine(first).ID != first || s.Goroutine(99) != nil {
				t.Error("a goroutine is not found by its id")
			}
		})
	}
}

func TestCyclesOfClasses(t *testing.T) {
	tests := []struct {
		edges [][2]int
		want  []int // indexes of the cyclic ones
	}{
		{[][2]int{{0, 1}, {1, 2}, {0, 2}}, nil},
		{[][2]int{{0, 1}, {1, 0}, {1, 2}}, []int{0, 1}},
		{[][2]int{{0, 1}, {1, 2}, {2, 0}, {2, 3}}, []int{0, 1, 2}},
		{[][2]int{{0, 0}, {0, 1}}, nil}, // one class nested in itself
		{nil, nil},
	}
	for _, tt := range tests {
		s := New(time.Now())
		for _, e := range tt.edges {
			s.Edges = append(s.Edges, Edge{From: e[0], To: e[1]})
		}
		s.Complete()
		var got []int
		for i, e := range s.Edges {
			if e.Cyclic {
				got = append(got, i)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("cyclic edges of %v: %v, want %v", tt.edges, got, tt.want)
		}
	}
}

func TestClassInWords(t *testing.T) {
	c := Class{Kind: finding.Mutex, Site: finding.Frame{Func: "example.com/bank.Move", File: "/bank.go", Line: 7}}
	if got, want := c.String(), "mutex of bank.Move bank.go:7"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
	c.Name = "accounts"
	if got := c.String(); got != "accounts" {
		t.Errorf("String() = %q", got)
	}
}
