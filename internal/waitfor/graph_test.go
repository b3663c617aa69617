package waitfor

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// world drives a Graph with waits written as text: "1: A B- > C" is goroutine 1,
// which holds A exclusive and B shared and asks for C exclusive.
type world struct {
	t     testing.TB
	g     Graph
	waits map[uint64]*Wait
}

func newWorld(t testing.TB) *world { return &world{t: t, waits: make(map[uint64]*Wait)} }

func (w *world) check() {
	w.t.Helper()
	if err := w.g.check(); err != nil {
		w.t.Fatal(err)
	}
}

// add registers a wait and returns the goroutines of the cycle that it completes:
// "1 2", "" if none.
func (w *world) add(text string) string {
	w.t.Helper()
	wait := parse(w.t, text)
	w.waits[wait.Goroutine] = wait
	dead := w.g.Add(wait)
	w.check()
	return goroutines(dead)
}

func (w *world) remove(goroutine uint64) {
	w.t.Helper()
	w.g.Remove(w.waits[goroutine])
	w.check()
}

func goroutines(waits []*Wait) string {
	var ids []string
	for _, w := range waits {
		ids = append(ids, fmt.Sprint(w.Goroutine))
	}
	return strings.Join(ids, " ")
}

// parse reads a wait. A hold "A-@3" is vouched for: taken before registration 3.
func parse(t testing.TB, text string) *Wait {
	t.Helper()
	w := new(Wait)
	who, rest, ok := strings.Cut(text, ":")
	held, asked, ok2 := strings.Cut(rest, ">")
	if _, err := fmt.Sscan(who, &w.Goroutine); err != nil || !ok || !ok2 {
		t.Fatalf("bad wait %q", text)
	}
	for _, s := range strings.Fields(held) {
		name, before, vouched := strings.Cut(s, "@")
		h := Hold{Lock: uint64(name[0]), Mode: modeOf(name)}
		if vouched {
			fmt.Sscan(before, &h.Before)
		}
		w.Held = append(w.Held, h)
	}
	asked = strings.TrimSpace(asked)
	w.Lock, w.Mode = uint64(asked[0]), modeOf(asked)
	return w
}

func modeOf(name string) lockorder.Mode {
	if strings.HasSuffix(name, "-") {
		return lockorder.Shared
	}
	return lockorder.Exclusive
}

func TestCycles(t *testing.T) {
	for _, tt := range []struct {
		name  string
		waits []string
		want  string // the cycle that the last one completes; all others complete none
	}{
		{"AB BA", []string{"1: A > B", "2: B > A"}, "2 1"},
		{"AB AB", []string{"1: A > B", "2: > A"}, ""},
		{"holder not known", []string{"1: > A", "2: B > A"}, ""},
		{"ring of five", []string{"1: A > B", "2: B > C", "3: C > D", "4: D > E", "5: E > A"}, "5 1 2 3 4"},
		{"chain of five", []string{"1: A > B", "2: B > C", "3: C > D", "4: D > E", "5: E > F"}, ""},
		{"closed from the middle", []string{"1: A > B", "3: C > A", "2: B > C"}, "2 3 1"},
		{"the shorter of two ways", []string{"3: C- > B", "1: B > A", "4: C- > D", "5: A D > C"}, "5 4"},
		{"self", []string{"1: A > A"}, "1"},
		{"self, read under write", []string{"1: A > A-"}, "1"},
		{"upgrade", []string{"1: A- > A"}, "1"},
		{"upgrade with another lock held", []string{"1: B A- C > A"}, "1"},
		{"victim of a cycle", []string{"1: A > B", "3: C > D", "4: D > A"}, ""},

		{"reader waits for writer", []string{"1: A > B", "2: B > A-"}, "2 1"},
		{"writer waits for reader", []string{"1: A- > B", "2: B > A"}, "2 1"},
		{"writer waits for one of two readers", []string{"3: A- > C", "1: A- > B", "2: B > A"}, "2 1"},
		{"reader and reader", []string{"1: A- > B-", "2: B- > A-"}, ""},
		{"reader and reader, one writer waits", []string{"1: A- > B-", "3: > A", "2: B- > A-"}, ""},
		{"reader and reader, two writers wait", []string{"3: > A", "4: > B", "1: A- > B-", "2: B- > A-"}, ""},
		{"reader and reader, two writers wait, vouched", []string{"3: > A", "4: > B", "1: A- > B-", "2: B-@3 > A-"}, "2 3 1 4"},

		{"recursive read, no writer", []string{"1: A- > A-"}, ""},
		{"recursive read, writer waits", []string{"2: > A", "1: A- > A-"}, "1 2"},
		{"recursive read, writer comes later", []string{"1: A- > A-", "2: > A"}, ""},
		{"reader behind a writer behind a reader", []string{"1: A- > B", "3: > A", "2: B > A-"}, "2 3 1"},
		{"no writer between the readers", []string{"1: A- > B", "2: B > A-"}, ""},
		{"two writers, either may be the one", []string{"1: A- > B", "3: > A", "4: > A", "2: B > A-"}, "2 3 1"},
		{"two writers, no holder known", []string{"1: > B", "3: > A", "4: > A", "2: B > A-"}, ""},
		{"the writer is the holder", []string{"2: B > A-", "1: A- > A"}, "1"},
		{"reader behind an upgrader", []string{"3: A- B > C", "4: > A", "5: C > A-"}, "5 4 3"},

		// The reader may have been refused by a writer that is gone, and granted since.
		{"holder came after the reader", []string{"3: > A", "2: B > A-", "1: A- > B"}, ""},
		{"holder vouched for", []string{"3: > A", "2: B > A-", "1: A-@2 > B"}, "1 2 3"},
		{"holder vouched for too late", []string{"3: > A", "2: B > A-", "1: A-@3 > B"}, ""},
		{"vouched, but no writer", []string{"2: B > A-", "1: A-@1 > B"}, ""},
		{"vouched, writer came later", []string{"2: B > A-", "3: > A", "1: A-@1 > B"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			for i, text := range tt.waits {
				want := ""
				if i == len(tt.waits)-1 {
					want = tt.want
				}
				if got := w.add(text); got != want {
					t.Errorf("adding %q: got cycle %q, want %q", text, got, want)
				}
			}
			for id := range w.waits {
				w.remove(id)
			}
			if len(w.g.locks) != 0 || w.g.Len() != 0 {
				t.Errorf("%d locks, %d waits left", len(w.g.locks), w.g.Len())
			}
		})
	}
}

func TestRemovedWaitIsNoHolder(t *testing.T) {
	w := newWorld(t)
	w.add("1: A > B")
	w.remove(1)
	w.remove(1) // twice is harmless
	if got := w.add("2: B > A"); got != "" {
		t.Errorf("got cycle %q through a removed wait", got)
	}
	if got := w.add("1: A > B"); got != "1 2" {
		t.Errorf("got %q, want the cycle of the wait that came back", got)
	}
}

func TestSecondUpgraderIsItsOwnDeadlock(t *testing.T) {
	w := newWorld(t)
	if got := w.add("1: A- > A"); got != "1" {
		t.Errorf("first upgrader: %q", got)
	}
	if got := w.add("2: A- > A"); got != "2" {
		t.Errorf("second upgrader: %q", got)
	}
}

func TestCycleOfAnyMember(t *testing.T) {
	w := newWorld(t)
	w.add("1: A- > B")
	w.add("3: > A")
	w.add("9: X > A-") // a victim
	w.add("2: B > A-")
	for id, want := range map[uint64]string{1: "1 2 3", 2: "2 3 1", 3: "3 1 2", 9: ""} {
		if got := goroutines(w.g.Cycle(w.waits[id])); got != want {
			t.Errorf("cycle of goroutine %d: %q, want %q", id, got, want)
		}
	}
	w.remove(2)
	if got := w.g.Cycle(w.waits[2]); got != nil {
		t.Errorf("a removed wait has the cycle %q", goroutines(got))
	}
}

func TestWaitsInOrder(t *testing.T) {
	w := newWorld(t)
	for _, text := range []string{"5: > A", "3: > A", "4: > B-", "1: A > C"} {
		w.add(text)
	}
	w.remove(3)
	if got := goroutines(slices.Collect(w.g.Waits())); got != "5 4 1" {
		t.Errorf("got %q", got)
	}
	if got, want := w.g.Next(), uint64(5); got != want {
		t.Errorf("next registration %d, want %d", got, want)
	}
}
