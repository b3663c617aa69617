package waitfor

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestKnots(t *testing.T) {
	party := func(id uint64, ways ...[]uint64) Party { return Party{Goroutine: id, Ways: ways} }
	tests := []struct {
		name    string
		parties []Party
		want    []Knot
	}{
		{"nobody", nil, nil},
		{"waits for somebody who runs", []Party{party(1, []uint64{9})}, nil},
		{"a lock held by nobody who waits", []Party{party(1, []uint64{})}, nil},
		{"nobody can end it", []Party{party(1)}, []Knot{{Members: []int{0}}}},
		{"for itself", []Party{party(1, []uint64{1})}, []Knot{{Members: []int{0}, Ring: []int{0}}}},
		{"a pair", []Party{party(1, []uint64{2}), party(2, []uint64{1})}, []Knot{{Members: []int{0, 1}, Ring: []int{0, 1}}}},
		{"one of two ways is open", []Party{party(1, []uint64{2}, []uint64{9}), party(2, []uint64{1})}, nil},
		{"one of two that must go on is dead", []Party{party(1, []uint64{2, 9}), party(2, []uint64{1})},
			[]Knot{{Members: []int{0, 1}, Ring: []int{0, 1}}}},
		{"both ways are dead", []Party{party(1, []uint64{2}, []uint64{3}), party(2, []uint64{1}), party(3, []uint64{1})},
			[]Knot{{Members: []int{0, 1, 2}, Ring: []int{0, 1}}}},
		{"a victim", []Party{party(1, []uint64{2}), party(2, []uint64{1}), party(3, []uint64{1})},
			[]Knot{{Members: []int{0, 1}, Ring: []int{0, 1}, Victims: []int{2}}}},
		{"two knots and a victim of both", []Party{party(1, []uint64{1}), party(2), party(3, []uint64{1}, []uint64{2})},
			[]Knot{{Members: []int{0}, Ring: []int{0}, Victims: []int{2}}, {Members: []int{1}, Victims: []int{2}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Knots(tt.parties)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// deadByForce tries every set of parties: the union of those that cannot move if
// none of them does is the set of the dead.
func deadByForce(parties []Party) (dead uint) {
	index := make(map[uint64]int)
	for i, p := range parties {
		index[p.Goroutine] = i
	}
	for set := uint(0); set < 1<<len(parties); set++ {
		closed := true
		for i, p := range parties {
			if set>>i&1 == 0 {
				continue
			}
			for _, way := range p.Ways {
				blocked := slices.ContainsFunc(way, func(id uint64) bool {
					j, ok := index[id]
					return ok && set>>j&1 == 1
				})
				closed = closed && blocked
			}
			if p.Group != nil {
				closed = closed && !slices.ContainsFunc(p.Group.Goroutines, func(id uint64) bool {
					j, ok := index[id]
					return !ok || set>>j&1 == 0
				})
			}
		}
		if closed {
			dead |= set
		}
	}
	return dead
}

func TestKnotsAgainstForce(t *testing.T) {
	for seed := range uint64(3000) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		parties := make([]Party, 1+rnd.IntN(7))
		groups := []*Group{nil, nil, {}, {}}
		for _, g := range groups[2:] {
			for range rnd.IntN(4) {
				g.Goroutines = append(g.Goroutines, uint64(1+rnd.IntN(len(parties)+1)))
			}
		}
		for i := range parties {
			parties[i].Goroutine = uint64(i + 1)
			parties[i].Group = groups[rnd.IntN(len(groups))]
			for range rnd.IntN(4) {
				way := []uint64{}
				for range rnd.IntN(3) {
					way = append(way, uint64(1+rnd.IntN(len(parties)+1))) // the last one runs
				}
				parties[i].Ways = append(parties[i].Ways, way)
			}
		}
		checkKnots(t, seed, parties)
	}
}

func checkKnots(t *testing.T, seed uint64, parties []Party) {
	t.Helper()
	dead := deadByForce(parties)
	var got uint
	for _, k := range Knots(parties) {
		for _, i := range k.Members {
			if dead>>i&1 == 0 {
				t.Errorf("seed %d: party %d is in a knot and can go on", seed, i)
			}
			got |= 1 << i
		}
		for _, i := range k.Victims {
			got |= 1 << i
		}
		for at, i := range k.Ring {
			next := parties[k.Ring[(at+1)%len(k.Ring)]].Goroutine
			if !slices.ContainsFunc(parties[i].Ways, func(way []uint64) bool { return slices.Contains(way, next) }) {
				t.Errorf("seed %d: ring %v: %d does not wait for the next", seed, k.Ring, i)
			}
		}
	}
	if got != dead {
		t.Errorf("seed %d: knots and victims %b, by force %b: %v", seed, got, dead, parties)
	}
}
