package lockorder

import (
	"fmt"
	"slices"
	"testing"
)

// span is when a request of a test is made and when it is over: two requests are
// apart if one is over before the other is made.
type span struct{ from, to int }

func spansApart(a, b *Dependency[span]) bool {
	return a.Site.to < b.Site.from || b.Site.to < a.Site.from
}

// when reads "1: A > B @ 3-5".
func when(t *testing.T, text string) Dependency[span] {
	t.Helper()
	var s span
	at := len(text) - len("@ 3-5")
	if _, err := fmt.Sscanf(text[at:], "@ %d-%d", &s.from, &s.to); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	d := parse(t, text[:at])
	timed := Dependency[span]{Goroutine: d.Goroutine, Lock: d.Lock, Mode: d.Mode, Site: s}
	for _, h := range d.Held {
		timed.Held = append(timed.Held, Held[span]{Lock: h.Lock, Mode: h.Mode})
	}
	return timed
}

// outcome is what an Add returned: the goroutines of the cycles and what is known.
func outcome(cycles []Cycle[span], known Known) string {
	text := ""
	for _, c := range cycles {
		var ids []uint64
		for _, d := range slices.Concat(c.Deps, c.Writers) {
			if d.Lock != 0 {
				ids = append(ids, d.Goroutine)
			}
		}
		slices.Sort(ids)
		word := "cycle"
		if c.Apart {
			word = "apart"
		}
		text += fmt.Sprintf("%s %d ", word, ids)
	}
	return text + [...]string{KnownNever: "never", KnownOnce: "once", KnownForAll: "all"}[known]
}

func TestApart(t *testing.T) {
	type step struct{ add, want string }
	for _, tt := range []struct {
		name  string
		steps []step
	}{
		{"at the same time", []step{
			{"1: A > B @ 1-2", "once"},
			{"2: B > A @ 2-3", "cycle [1 2] once"},
		}},
		{"one after the other, told once", []step{
			{"1: A > B @ 1-2", "once"},
			{"2: B > A @ 3-4", "apart [1 2] never"},
			{"2: B > A @ 5-6", "never"},
			{"3: B > A @ 5-6", "never"},
		}},
		{"first apart, then not", []step{
			{"1: A > B @ 1-2", "once"},
			{"2: B > A @ 3-4", "apart [1 2] never"},
			{"1: A > B @ 4-5", "cycle [1 2] once"},
			{"1: A > B @ 6-7", "once"},
			{"2: B > A @ 6-7", "once"}, // was reported
		}},
		{"the latest occurrence counts", []step{
			{"1: A > B @ 1-2", "once"},
			{"2: B > A @ 3-4", "apart [1 2] never"},
			{"1: A > B @ 6-7", "never"},
			{"2: B > A @ 7-8", "cycle [1 2] once"},
		}},
		{"another goroutine of the same code", []step{
			{"1: A > B @ 1-2", "once"},
			{"2: A > B @ 5-6", "once"},
			{"3: B > A @ 4-5", "cycle [2 3] once"},
		}},
		{"one goroutine alone is not apart", []step{
			{"1: A > B @ 1-2", "once"},
			{"3: B > A @ 3-4", "apart [1 3] never"},
			{"3: A > B @ 3-4", "never"}, // of the goroutine that it would wait for
			{"4: A > B @ 4-4", "cycle [3 4] once"},
		}},
		{"more goroutines than are kept", []step{
			{"1: A > B @ 1-1", "once"},
			{"2: A > B @ 1-1", "once"},
			{"3: A > B @ 1-1", "once"},
			{"4: A > B @ 1-1", "all"},
			{"9: B > A @ 5-6", "apart [1 9] never"},
			{"5: A > B @ 4-4", "never"},
			{"6: A > B @ 6-6", "cycle [6 9] all"},
		}},
		{"ring of three, two of them apart", []step{
			{"1: A > B @ 1-4", "once"},
			{"2: B > C @ 1-2", "once"},
			{"3: C > A @ 3-4", "apart [1 2 3] never"},
			{"4: B > C @ 3-3", "cycle [1 3 4] once"},
		}},
		{"a choice that fits where the first does not", []step{
			{"1: A > B @ 1-1", "once"},
			{"2: A > B @ 3-3", "once"},
			{"3: B > C @ 1-1", "once"},
			{"4: B > C @ 3-3", "once"},
			{"5: C > A @ 3-3", "cycle [2 4 5] once"},
		}},
		{"a writer between readers is apart, another one is not", []step{
			{"1: A- > B- @ 1-2", "once"},
			{"2: B- > A- @ 1-2", "once"},
			{"3: > A @ 1-2", "once"},
			{"4: > B @ 5-6", "apart [1 2 3 4] never"},
			{"4: > B @ 7-8", "never"},
			{"5: > B @ 2-3", "cycle [1 2 3 5] once"},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := new(Graph[span])
			g.SetApart(spansApart)
			for _, s := range tt.steps {
				got := outcome(g.Add(when(t, s.add)))
				if err := g.check(); err != nil {
					t.Fatal(err)
				}
				if got != s.want {
					t.Errorf("%s: %s, want %s", s.add, got, s.want)
				}
			}
		})
	}
}

// TestWatchingEnds: a cycle that never closes is not looked at for ever.
func TestWatchingEnds(t *testing.T) {
	g := new(Graph[span])
	g.SetApart(spansApart)
	g.Add(when(t, "1: A > B @ 1-2"))
	last, changes := KnownOnce, []Known(nil)
	for i := range 100_000 {
		d := when(t, "2: B > A @ 5-6")
		d.Goroutine = uint64(i + 2)
		_, known := g.Add(d)
		if known != last {
			changes = append(changes, known)
		}
		if last = known; known == KnownForAll {
			break
		}
	}
	if !slices.Equal(changes, []Known{KnownNever, KnownOnce, KnownForAll}) {
		t.Errorf("known became %v", changes)
	}
	if steps := g.Stats().Steps; steps > 2*watchOthers*watchSteps {
		t.Errorf("%d steps", steps)
	}
}
