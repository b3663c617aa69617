package lockorder

import (
	"math/rand/v2"
	"testing"
)

// TestPlaces: requests that agree with the order of the graph are not added, but all of
// them are made again and again. Whatever cycle there is among them is found, and in a program
// without one few are added.
func TestPlaces(t *testing.T) {
	const locks = 60
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var g Graph[int]
		places := make(map[LockID]*Place)
		g.SetPlaces(func(id LockID) *Place {
			if places[id] == nil {
				places[id] = new(Place)
			}
			return places[id]
		})
		order := rng.Perm(locks)
		against := seed%2 == 1
		added, found := 0, 0
		for goroutine := range uint64(40000) {
			i := rng.IntN(locks - 1)
			j := i + 1 + rng.IntN(locks-1-i)
			if against && i == 7 && j == 9 { // one pair goes the other way
				i, j = j, i
			}
			held, asked := LockID(order[i]+1), LockID(order[j]+1)
			if places[held] == nil && rng.IntN(2) == 0 {
				places[held] = g.FirstPlace()
			}
			if p, o := places[held], places[asked]; p != nil && o != nil && p.Before(o) {
				continue
			}
			added++
			cycles, _ := g.Add(Dependency[int]{Goroutine: goroutine + 1, Lock: asked, Held: []Held[int]{{Lock: held}}})
			found += len(cycles)
			if goroutine < 500 {
				if err := g.check(); err != nil {
					t.Fatal(err)
				}
			}
			if rng.IntN(200) == 0 {
				g.Forget(LockID(rng.IntN(locks) + 1))
			}
			if found > 0 {
				break
			}
		}
		if (found > 0) != against {
			t.Errorf("seed %d: %d cycles among %d requests, against the order: %t", seed, found, added, against)
		}
		if !against && added > 40*locks {
			t.Errorf("seed %d: %d requests were added for %d locks", seed, added, locks)
		}
	}
}

// TestPlaceOfLocksOnCycles: nothing is before or after a lock on a cycle.
func TestPlaceOfLocksOnCycles(t *testing.T) {
	var g Graph[int]
	places := map[LockID]*Place{1: {}, 2: {}, 3: {}}
	g.SetPlaces(func(id LockID) *Place { return places[id] })
	add := func(goroutine uint64, held, asked LockID) {
		g.Add(Dependency[int]{Goroutine: goroutine, Lock: asked, Mode: Mode(asked % 2), Held: []Held[int]{{Lock: held}}})
	}
	before := func(a, b LockID) bool { return places[a].Before(places[b]) }
	add(1, 1, 2)
	add(1, 2, 3)
	if !before(1, 2) || !before(2, 3) || !before(1, 3) || before(3, 1) {
		t.Error("places do not agree with the requests")
	}
	if !places[2].IsWritten() || places[3].IsWritten() {
		t.Error("written: want 2 and not 3")
	}
	add(2, 2, 1)
	if before(1, 2) || before(2, 1) || before(1, 3) || before(3, 1) {
		t.Error("locks on a cycle have places")
	}
	g.Clear()
	add(3, 3, 2)
	if !before(3, 2) || g.Stats().Dependencies != 1 {
		t.Error("a cleared graph does not order")
	}
}
