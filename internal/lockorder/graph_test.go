package lockorder

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The tests' site is the text of the dependency that it stands in.
type graph = Graph[string]

// parse reads "1: A B- > C-": goroutine 1 holds A exclusive and B shared (taken
// in that order) and asks for C shared. Locks are single letters.
func parse(t testing.TB, text string) Dependency[string] {
	t.Helper()
	var d Dependency[string]
	who, rest, ok := strings.Cut(text, ":")
	held, asked, ok2 := strings.Cut(rest, ">")
	if _, err := fmt.Sscan(who, &d.Goroutine); err != nil || !ok || !ok2 {
		t.Fatalf("bad dependency %q", text)
	}
	lock := func(s string) (LockID, Mode) {
		s = strings.TrimSpace(s)
		if strings.HasSuffix(s, "-") {
			return LockID(s[0]) - 'A' + 1, Shared
		}
		return LockID(s[0]) - 'A' + 1, Exclusive
	}
	for _, h := range strings.Fields(held) {
		id, mode := lock(h)
		d.Held = append(d.Held, Held[string]{id, mode, "took " + h + " in " + text})
	}
	d.Lock, d.Mode = lock(asked)
	d.Site = text
	return d
}

// show writes a cycle as its goroutines and locks, rotated to the smallest lock
// asked for: "1>A 2>B".
func show(c Cycle[string]) string {
	var parts []string
	first := 0
	for i, d := range c.Deps {
		if d.Lock < c.Deps[first].Lock {
			first = i
		}
	}
	for i := range c.Deps {
		d := c.Deps[(first+i)%len(c.Deps)]
		mark := ""
		if d.Mode == Shared {
			mark = "-"
		}
		parts = append(parts, fmt.Sprintf("%d>%c%s", d.Goroutine, 'A'+rune(d.Lock)-1, mark))
	}
	return strings.Join(parts, " ")
}

func names(ids []LockID) string {
	var b strings.Builder
	for _, id := range ids {
		b.WriteByte('A' + byte(id) - 1)
	}
	return b.String()
}

func mustCheck(t testing.TB, g *graph) {
	t.Helper()
	if err := g.check(); err != nil {
		t.Fatal(err)
	}
}

// addAll adds dependencies and returns all cycles, sorted by their text.
func addAll(t testing.TB, g *graph, deps ...string) []string {
	t.Helper()
	var got []string
	for _, text := range deps {
		cycles, _ := g.Add(parse(t, text))
		mustCheck(t, g)
		for _, c := range cycles {
			mustBeCycle(t, c)
			got = append(got, show(c))
		}
	}
	slices.Sort(got)
	return got
}

// mustBeCycle checks a cycle against the definition, with nothing from the graph.
func mustBeCycle(t testing.TB, c Cycle[string]) {
	t.Helper()
	if len(c.Deps) < 2 || c.Odd < 0 || c.Odd >= len(c.Deps) {
		t.Fatalf("cycle of %d dependencies, odd %d", len(c.Deps), c.Odd)
	}
	goroutines := make(map[uint64]bool)
	for i, w := range c.Writers {
		mustBeWriter(t, c, i)
		if w.Goroutine != 0 && goroutines[w.Goroutine] {
			t.Errorf("goroutine %d twice among %v", w.Goroutine, c.Writers)
		}
		goroutines[w.Goroutine] = true
	}
	for i, d := range c.Deps {
		if d.Goroutine != 0 && goroutines[d.Goroutine] {
			t.Errorf("goroutine %d twice in %v", d.Goroutine, c.Deps)
		}
		goroutines[d.Goroutine] = true
		next := c.Deps[(i+1)%len(c.Deps)]
		if !slices.ContainsFunc(next.Held, func(h Held[string]) bool {
			between := c.Writers != nil && c.Writers[i].Lock != 0
			return h.Lock == d.Lock && (h.Mode == Shared && d.Mode == Shared) == between
		}) {
			t.Errorf("dependency %d does not wait for the next one in %v", i, c.Deps)
		}
	}
}

// mustBeWriter checks that the i-th writer can wait between its readers while all
// the others hold what they hold.
func mustBeWriter(t testing.TB, c Cycle[string], i int) {
	t.Helper()
	w := c.Writers[i]
	if w.Lock == 0 {
		return
	}
	if w.Lock != c.Deps[i].Lock || w.Mode != Exclusive {
		t.Errorf("%v is no writer for %v", w, c.Deps[i])
	}
	for j, d := range slices.Concat(c.Deps, c.Writers) {
		if j != len(c.Deps)+i && gated(d, w) {
			t.Errorf("a gate keeps %v and %v apart", w, d)
		}
	}
}

func TestCycles(t *testing.T) {
	for _, tt := range []struct {
		name string
		deps []string
		want []string // all cycles, from the smallest lock on: goroutine>lock
	}{
		{"AB BA", []string{"1: A > B", "2: B > A"}, []string{"2>A 1>B"}},
		{"same order", []string{"1: A > B", "2: A > B"}, nil},
		{"one goroutine", []string{"1: A > B", "1: B > A"}, nil},
		{"a second goroutine later", []string{"1: A > B", "1: B > A", "2: A > B"}, []string{"1>A 2>B"}},
		{"both goroutines both ways", []string{"1: A > B", "1: B > A", "2: B > A", "2: A > B"}, []string{"2>A 1>B"}},
		{"nothing held", []string{"1: > B", "2: B > A"}, nil},
		{"no lock", []string{"1: A > @", "2: @ > A"}, nil},

		{"ring of three", []string{"1: A > B", "2: B > C", "3: C > A"}, []string{"3>A 1>B 2>C"}},
		{"line of three", []string{"1: A > B", "2: B > C", "3: A > C"}, nil},
		{"ring of three, two goroutines", []string{"1: A > B", "2: B > C", "1: C > A"}, nil},
		{"ring of four", []string{"3: C > D", "1: A > B", "4: D > A", "2: B > C"}, []string{"4>A 1>B 2>C 3>D"}},
		{"ring of four, one broken", []string{"3: C > D", "1: A > B", "4: A > D", "2: B > C"}, nil},
		{"two rings", []string{"1: A > B", "2: B > A", "3: C > D", "4: D > C"}, []string{"2>A 1>B", "4>C 3>D"}},
		{"ring with a short cut", []string{"1: A > B", "2: B > C", "4: B > A", "3: C > A"}, []string{"3>A 1>B 2>C", "4>A 1>B"}},

		{"edge from the first of two held", []string{"1: A B > C", "2: C > A"}, []string{"2>A 1>C"}},
		{"edge from the last of two held", []string{"1: A B > C", "2: C > B"}, []string{"2>B 1>C"}},
		{"edges from both held", []string{"1: A B > C", "2: C > A", "3: C > B"}, []string{"2>A 1>C", "3>B 1>C"}},
		{"first of two was released", []string{"1: B > C", "2: C > A"}, nil},
		{"same held set in another order", []string{"1: A B > C", "1: B A > C", "2: C > A"}, []string{"2>A 1>C"}},

		{"gate", []string{"1: G A > B", "2: G B > A"}, nil},
		{"gate on one side", []string{"1: G A > B", "2: B > A"}, []string{"2>A 1>B"}},
		{"gate around two of three", []string{"1: G A > B", "2: G B > C", "3: C > A"}, nil},
		{"gate taken second", []string{"1: A G > B", "2: B G > A"}, nil},
		{"gate, and once without", []string{"1: G A > B", "2: G B > A", "3: B > A"}, []string{"3>A 1>B"}},
		{"read gate", []string{"1: G- A > B", "2: G- B > A"}, []string{"2>A 1>B"}},
		{"read gate against a writer", []string{"1: G- A > B", "2: G B > A"}, nil},

		{"readers", []string{"1: A- > B-", "2: B- > A-"}, nil},
		{"readers held, writers asked", []string{"1: A- > B", "2: B- > A"}, []string{"2>A 1>B"}},
		{"writers held, readers asked", []string{"1: A > B-", "2: B > A-"}, []string{"2>A- 1>B-"}},
		{"one side reads only", []string{"1: A- > B-", "2: B > A"}, []string{"2>A 1>B-"}},
		{"one edge of readers", []string{"1: A > B-", "2: B- > A"}, nil},
		{"ring of three with an edge of readers", []string{"1: A > B-", "2: B- > C", "3: C > A"}, nil},

		{"readers and a writer of one", []string{"1: A- > B-", "2: B- > A-", "3: > A"}, nil},
		{"readers and writers of both", []string{"1: A- > B-", "2: B- > A-", "3: > A", "4: > B"}, []string{"2>A- 1>B-"}},
		{"readers and one writer for both", []string{"1: A- > B-", "2: B- > A-", "3: > A", "3: > B"}, nil},
		{"writers first", []string{"5: A- > C", "5: B- > C", "3: > A", "4: > B", "1: A- > B-", "2: B- > A-"}, []string{"2>A- 1>B-"}},
		{"a read edge and a writer", []string{"1: A- > B", "2: B > A-", "3: > A"}, []string{"2>A- 1>B"}},
		{"a read edge and a writer under another lock", []string{"1: A- > B", "2: B > A-", "3: C > A"}, []string{"2>A- 1>B"}},
		{"a read edge and a writer behind a gate", []string{"1: G A- > B", "2: B > A-", "3: G > A"}, nil},
		{"a read edge and a writer who is one of them", []string{"1: A- > B", "2: B > A-", "1: > A"}, nil},
		{"a read edge, a writer who is one of them, and another", []string{"1: A- > B", "2: B > A-", "1: > A", "4: > A"}, []string{"2>A- 1>B"}},

		{"asked while held", []string{"1: A B > A", "2: A > B"}, nil},
		{"asked shared while held shared", []string{"1: A- B > A-", "2: A > B"}, nil},
		{"held twice", []string{"1: A A > B", "2: B > A"}, []string{"2>A 1>B"}},
		{"held shared, then exclusive", []string{"1: A- A > B-", "2: B > A-"}, []string{"2>A- 1>B-"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := new(graph)
			if got := addAll(t, g, tt.deps...); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if again := addAll(t, g, tt.deps...); again != nil {
				t.Errorf("second time: got %q again", again)
			}
		})
	}
}

// A writer counts if the graph knows the lock: the caller tells it again then.
func TestWriterOfALockThatNobodyHolds(t *testing.T) {
	g := new(graph)
	if got := addAll(t, g, "3: > A", "1: A- > B", "2: B > A-"); got != nil || !g.Has(1) || g.Has(3) {
		t.Errorf("got %q, has A %v, has C %v", got, g.Has(1), g.Has(3))
	}
	if got := addAll(t, g, "3: > A"); !slices.Equal(got, []string{"2>A- 1>B"}) {
		t.Errorf("got %q", got)
	}
}

func TestOrderRemovesTheCycle(t *testing.T) {
	for _, tt := range []struct {
		name  string
		deps  []string
		order string
		odd   string
	}{
		{"the newcomer changes", []string{"1: A > B", "2: B > A"}, "AB", "2: B > A"},
		{"whatever came last", []string{"2: B > A", "1: A > B"}, "BA", "1: A > B"},
		{"the rarer changes", []string{"1: A > B", "2: B > C", "4: B > C", "5: A > B", "3: C > A", "6: C > A", "7: C > A"}, "ABC", "3: C > A"},
		{"ring of four", []string{"3: C > D", "1: A > B", "4: D > A", "2: B > C"}, "CDAB", "2: B > C"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := new(graph)
			var cycles []Cycle[string]
			for _, text := range tt.deps {
				c, _ := g.Add(parse(t, text))
				cycles = append(cycles, c...)
			}
			if len(cycles) != 1 {
				t.Fatalf("got %d cycles, want 1", len(cycles))
			}
			c := cycles[0]
			if got := names(c.Order()); got != tt.order || c.Deps[c.Odd].Site != tt.odd {
				t.Errorf("order %q, odd %q; want %q, %q", got, c.Deps[c.Odd].Site, tt.order, tt.odd)
			}
			// With the odd one left out, each dependency agrees with the order.
			for i, d := range c.Deps {
				holds := c.Deps[(i+len(c.Deps)-1)%len(c.Deps)].Lock
				agrees := slices.Index(c.Order(), holds) < slices.Index(c.Order(), d.Lock)
				if agrees == (i == c.Odd) {
					t.Errorf("dependency %q agrees with %q: %v", d.Site, tt.order, agrees)
				}
			}
		})
	}
}

func TestCycleKeepsSites(t *testing.T) {
	g := new(graph)
	addAll(t, g, "1: A C > B", "1: B > A", "7: B > A")
	cycles, _ := g.Add(parse(t, "7: A C > B"))
	if cycles != nil {
		t.Fatalf("got a second report: %v", cycles)
	}
	g = new(graph)
	addAll(t, g, "1: A C > B", "1: B > A")
	cycles, _ = g.Add(parse(t, "7: C A > B"))
	if len(cycles) != 1 {
		t.Fatalf("got %d cycles, want 1", len(cycles))
	}
	for _, d := range cycles[0].Deps {
		want := "1: B > A"
		if d.Goroutine == 7 {
			want = "7: C A > B" // its own site and order, not those of goroutine 1
		}
		if d.Site != want || !strings.HasSuffix(d.Held[0].Site, " in "+want) {
			t.Errorf("goroutine %d: site %q, held %v", d.Goroutine, d.Site, d.Held)
		}
	}
}

func TestForget(t *testing.T) {
	g := new(graph)
	addAll(t, g, "1: A > B", "3: A X > C", "4: D > X")
	g.Forget('X' - 'A' + 1)
	mustCheck(t, g)
	if s := g.Stats(); s.Dependencies != 1 || s.Locks != 2 {
		t.Errorf("after forgetting X: %d dependencies on %d locks, want 1 on 2", s.Dependencies, s.Locks)
	}
	if got := addAll(t, g, "5: C > A"); got != nil {
		t.Errorf("got %q through a forgotten lock", got)
	}
	g.Forget(1)
	mustCheck(t, g)
	if got := addAll(t, g, "2: B > A"); got != nil {
		t.Errorf("got %q through a forgotten dependency", got)
	}
	g.Forget(99) // never seen
	for id := range LockID(9) {
		g.Forget(id)
	}
	mustCheck(t, g)
	if s := g.Stats(); s.Dependencies != 0 || s.Locks != 0 {
		t.Errorf("after forgetting all: %+v", s)
	}
}

func TestKnown(t *testing.T) {
	g := new(graph)
	for i, want := range []Known{KnownOnce, KnownOnce, KnownOnce, KnownForAll, KnownForAll} {
		d := parse(t, fmt.Sprintf("%d: A > B", i+1))
		if _, got := g.Add(d); got != want {
			t.Errorf("goroutine %d: known %v, want %v", i+1, got, want)
		}
	}
	if _, got := g.Add(parse(t, "1: B > A")); got != KnownOnce {
		t.Error("one goroutine saturates another dependency")
	}
	if _, got := g.Add(parse(t, "1: A > A")); got != KnownForAll {
		t.Error("what is no dependency must be reported as known")
	}
}

// Five dependencies, each on the same five goroutines: four of them are kept, and
// the fifth place of the cycle goes to one that is not known.
func TestSaturatedGiveAnyGoroutine(t *testing.T) {
	ring := []string{"A > B", "B > C", "C > D", "D > E", "E > A"}
	g := new(graph)
	var cycles []Cycle[string]
	for _, dep := range ring {
		for id := 1; id <= 5; id++ {
			c, _ := g.Add(parse(t, fmt.Sprintf("%d: %s", id, dep)))
			cycles = append(cycles, c...)
		}
	}
	mustCheck(t, g)
	if len(cycles) != 1 {
		t.Fatalf("got %d cycles, want 1", len(cycles))
	}
	mustBeCycle(t, cycles[0])
	var ids []uint64
	for _, d := range cycles[0].Deps {
		ids = append(ids, d.Goroutine)
	}
	slices.Sort(ids)
	if !slices.Equal(ids, []uint64{0, 1, 2, 3, 4}) {
		t.Errorf("goroutines %v, want 1 to 4 and one unknown", ids)
	}
}

func TestRecursion(t *testing.T) {
	for _, tt := range []struct {
		name, reader, writer string
		want                 bool
	}{
		{"a writer", "1: A- > A-", "2: > A", true},
		{"a writer under another lock", "1: B A- > A-", "2: C > A", true},
		{"both under a read lock", "1: B- A- > A-", "2: B- > A", true},
		{"the same goroutine", "1: A- > A-", "1: > A", false},
		{"a gate", "1: G A- > A-", "2: G > A", false},
		{"a gate taken later", "1: A- G > A-", "2: G > A", false},
		{"a writer of another lock", "1: A- > A-", "2: > B", false},
		{"a reader", "1: A- > A-", "2: > A-", false},
		{"reading while writing", "1: A > A-", "2: > A", false},
		{"writing while reading", "1: A- > A", "2: > A", false},
		{"reading once", "1: B- > A-", "2: > A", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, w := parse(t, tt.reader), parse(t, tt.writer)
			c, got := Recursion(d, w)
			if got != tt.want || got && (c.Deps[0].Site != d.Site || c.Writers[0].Site != w.Site) {
				t.Errorf("got %v, %v", got, c)
			}
		})
	}
}
