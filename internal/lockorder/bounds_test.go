package lockorder

import (
	"slices"
	"testing"
)

// dep is the dependency of goroutine on lock asked under held, all exclusive.
func dep(goroutine uint64, asked LockID, held ...LockID) Dependency[string] {
	d := Dependency[string]{Goroutine: goroutine, Lock: asked}
	for _, l := range held {
		d.Held = append(d.Held, Held[string]{Lock: l})
	}
	return d
}

func mustAddSilently(t *testing.T, g *graph, d Dependency[string]) {
	t.Helper()
	if cycles, _ := g.Add(d); cycles != nil {
		t.Fatalf("goroutine %d, lock %d: got cycles %v", d.Goroutine, d.Lock, cycles)
	}
}

func TestOldestIsDropped(t *testing.T) {
	g := New[string](Options{MaxDependencies: 3})
	addAll(t, g, "1: A > B", "1: C > D", "1: E > F", "1: G > H")
	if s := g.Stats(); s.Dependencies != 3 || s.Dropped != 1 || s.Locks != 6 {
		t.Errorf("got %+v, want 3 dependencies, 1 dropped, 6 locks", s)
	}
	if got := addAll(t, g, "2: F > E"); !slices.Equal(got, []string{"2>E 1>F"}) {
		t.Errorf("got %q, want the cycle with a dependency that was kept", got)
	}
	if got := addAll(t, g, "2: B > A"); got != nil {
		t.Errorf("got %q through the dropped dependency", got)
	}
}

func TestHeldSetsAreBoundedTogether(t *testing.T) {
	g := New[string](Options{MaxDependencies: 4})
	for i := range LockID(4) {
		var held []LockID
		for j := range LockID(20) {
			held = append(held, 100*i+j+1)
		}
		mustAddSilently(t, g, dep(1, 100*i+99, held...))
		mustCheck(t, g)
	}
	if s := g.Stats(); s.Dependencies != 1 || s.Dropped != 3 {
		t.Errorf("got %+v, want 1 dependency of 20 locks where 4 x %d fit", s, edgesPerDependency)
	}
}

func TestLongHeldSetIsCut(t *testing.T) {
	g := New[string](Options{MaxHeld: 2})
	mustAddSilently(t, g, dep(1, 9, 1, 2, 3))
	if s := g.Stats(); s.CutHeld != 1 || s.Locks != 3 {
		t.Errorf("got %+v, want one cut, two held locks and the one asked for", s)
	}
	mustAddSilently(t, g, dep(2, 1, 9)) // the oldest hold was cut
	if cycles, _ := g.Add(dep(2, 3, 9)); len(cycles) != 1 {
		t.Errorf("got %d cycles through the most recent hold, want 1", len(cycles))
	}
	// A lock that is asked for while it is held stays no dependency after the cut.
	if _, known := g.Add(dep(1, 1, 1, 2, 3)); known != KnownForAll || g.Stats().Dependencies != 3 {
		t.Errorf("a self-deadlock became a dependency: %+v", g.Stats())
	}
}

// dense adds dependencies of one goroutine between all pairs of n locks: one
// component with very many chains and no cycle, as they lack a second goroutine.
func dense(t *testing.T, g *graph, n LockID) {
	for i := range n {
		for j := range n {
			if i != j {
				mustAddSilently(t, g, dep(1, j+1, i+1))
			}
		}
	}
}

func TestSearchIsCut(t *testing.T) {
	g := New[string](Options{MaxSteps: 100})
	dense(t, g, 50)
	before := g.Stats()
	// Fifty other goroutines make the chains long; the ring is never closed.
	for i := range LockID(49) {
		_, _ = g.Add(dep(uint64(i)+2, i+2, i+1))
		mustCheck(t, g)
	}
	after := g.Stats()
	if after.CutSearches == before.CutSearches {
		t.Error("no search was cut")
	}
	if perAdd := (after.Steps - before.Steps) / 49; perAdd > 101 {
		t.Errorf("%d steps an Add, want at most 101", perAdd)
	}
}

func TestCyclesPerAddAreBounded(t *testing.T) {
	g := New[string](Options{MaxCycles: 3})
	for i := range LockID(10) {
		mustAddSilently(t, g, dep(1, 2, 1, 100+i))
	}
	got := 0
	for range 5 {
		cycles, _ := g.Add(dep(2, 1, 2))
		got += len(cycles)
	}
	if got != 3 || g.Stats().CutSearches != 1 {
		t.Errorf("got %d cycles, %d searches cut; want 3 and 1", got, g.Stats().CutSearches)
	}
}

func TestSeenCyclesAreBounded(t *testing.T) {
	s := cycleSet{limit: 2}
	for i, want := range []struct {
		key byte
		new bool
	}{{1, true}, {2, true}, {1, false}, {3, true}, {2, false}, {1, true}} {
		if got := s.add([16]byte{want.key}); got != want.new {
			t.Errorf("step %d: key %d new %v, want %v", i, want.key, got, want.new)
		}
		if len(s.keys) > 2 || len(s.keys) != len(s.queue) {
			t.Errorf("step %d: %d keys, %d queued", i, len(s.keys), len(s.queue))
		}
	}
}

// A program with a consistent order must cost no search at all, however large.
func TestConsistentOrderTakesNoSteps(t *testing.T) {
	const n = 200
	g := new(graph)
	// Pairs in a scattered sequence, always the lower index first.
	for k := range LockID(n * n) {
		i, j := k*7919%n+1, k*104729/n%n+1
		if i < j {
			mustAddSilently(t, g, dep(uint64(k%5)+1, j, i))
		}
	}
	mustCheck(t, g)
	if s := g.Stats(); s.Steps != 0 || s.Dependencies < n {
		t.Errorf("got %+v, want no steps over many dependencies", s)
	}
}

func TestOneOfManyShards(t *testing.T) {
	const anchor, shards = 1, 4096
	g := new(graph)
	for i := range LockID(shards) {
		mustAddSilently(t, g, dep(uint64(i%3)+1, 10+i, anchor))
	}
	cycles, _ := g.Add(dep(9, anchor, 10+77))
	mustCheck(t, g)
	if len(cycles) != 1 || len(cycles[0].Deps) != 2 {
		t.Fatalf("got %v, want the one cycle of the inverted shard", cycles)
	}
	if s := g.Stats(); s.CutSearches != 0 || s.Steps > 2 {
		t.Errorf("got %+v: the other shards were searched", s)
	}
}

func TestRingOfAThousand(t *testing.T) {
	const n = 1000
	g := new(graph)
	for i := range LockID(n - 1) {
		mustAddSilently(t, g, dep(uint64(i)+1, i+2, i+1))
	}
	cycles, _ := g.Add(dep(n, 1, n))
	mustCheck(t, g)
	if len(cycles) != 1 || len(cycles[0].Deps) != n {
		t.Fatalf("got %d cycles, want one of %d", len(cycles), n)
	}
	mustBeCycle(t, cycles[0])
}
