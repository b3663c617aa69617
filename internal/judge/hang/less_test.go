package hang

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// randomWorld has some goroutines hold and wait for some locks, channels and wait groups.
func randomWorld(r *rand.Rand) *world {
	w := newWorld()
	locksOf, channels := []string{"A", "B", "R"}, []string{"c1", "c2"}
	pick := func(names []string) string { return names[r.IntN(len(names))] }
	n := 2 + r.IntN(5)
	free := map[string]bool{"A": true, "B": true}
	for id := uint64(1); id <= uint64(n); id++ {
		facts := []fact{from(uint64(r.IntN(int(id))))}
		for _, name := range locksOf {
			switch {
			case r.IntN(3) > 0:
			case name == "R":
				facts = append(facts, reads("R"))
			case free[name]:
				free[name] = false
				facts = append(facts, holds(name))
			}
		}
		switch r.IntN(8) {
		case 0, 1, 2:
			facts = append(facts, locks(pick(locksOf)))
		case 3:
			facts = append(facts, sends(pick(channels)))
		case 4:
			facts = append(facts, receives(pick(channels)))
		case 5:
			facts = append(facts, awaits("g"))
		case 6:
			facts = append(facts, waits(finding.Select, "c1", "c2<-"))
		}
		if r.IntN(3) == 0 {
			facts = append(facts, owes("g"))
		}
		w.g(id, facts...)
		g := &w.look.Goroutines[id-1]
		if g.Wait != nil {
			if r.IntN(6) == 0 {
				g.Proof = Unreachable
			}
			g.Wait.Lasted = []time.Duration{0, time.Second, soon, long}[r.IntN(4)]
			g.Suspect = g.Wait.Lasted
		}
	}
	for _, name := range channels {
		for _, m := range []finding.Mode{finding.Send, finding.Receive} {
			if r.IntN(2) == 0 {
				w.used(m, name, slices.Sorted(maps.Keys(map[uint64]bool{uint64(1 + r.IntN(n)): true, uint64(1 + r.IntN(n)): true}))...)
			}
		}
		if r.IntN(3) > 0 {
			w.made(name, uint64(1+r.IntN(n)))
		}
	}
	w.change(finding.Await, "g", func(u *Users) { u.Owed = r.IntN(2) == 0 })
	return w
}

// forget makes the witness know less, in one respect.
func (w *world) forget(r *rand.Rand) string {
	g := &w.look.Goroutines[r.IntN(len(w.look.Goroutines))]
	name := []string{"c1", "c2"}[r.IntN(2)]
	mode := []finding.Mode{finding.Send, finding.Receive}[r.IntN(2)]
	switch r.IntN(7) {
	case 0:
		w.change(mode, name, func(u *Users) { u.More = true })
		return "more users of " + name
	case 1:
		w.change(mode, name, func(u *Users) { u.Timers = true })
		return "timers use " + name
	case 2:
		w.noCount = true
		return "no census"
	case 3:
		w.census.Complete = false
		return "an incomplete census"
	case 4:
		g.Proof = Unproven
		return fmt.Sprintf("no proof for %d", g.ID)
	case 5:
		if g.Wait == nil || len(g.Wait.Cases) == 0 || g.Wait.IsLock() {
			return ""
		}
		g.Wait.Cases[0].External = true
		return fmt.Sprintf("%d may be woken from outside", g.ID)
	}
	if len(g.Holds) == 0 {
		return ""
	}
	if r.IntN(2) == 0 {
		g.Holds[0].Heirs = []uint64{99}
		return fmt.Sprintf("%d may have given a lock away", g.ID)
	}
	g.Holds[0].Unowned = true
	return fmt.Sprintf("another may release what %d holds", g.ID)
}

// certainties returns how certain it is of each goroutine that it hangs, as a member of a
// hang or because of one. What the collector has proven is reported in any case: as a leak,
// where the court finds no hang.
func (w *world) certainties() (members, all map[int]finding.Certainty) {
	members, all = make(map[int]finding.Certainty), make(map[int]finding.Certainty)
	for i := range w.look.Goroutines {
		if w.look.Goroutines[i].Proof == Unreachable {
			all[i] = finding.Proven
		}
	}
	for _, h := range Judge(&w.look).Hangs {
		c := h.Finding().Certainty
		for _, i := range h.Members {
			members[i] = max(members[i], c)
		}
		for _, i := range slices.Concat(h.Members, h.Victims()) {
			all[i] = max(all[i], c)
		}
	}
	return members, all
}

// TestLessKnowledge holds the court to what it promises of witnesses: one that knows less
// reports no goroutine that one which knows more does not, and none as certain that is not.
func TestLessKnowledge(t *testing.T) {
	for seed := range uint64(20000) {
		full := randomWorld(rand.New(rand.NewPCG(seed, 1)))
		less := randomWorld(rand.New(rand.NewPCG(seed, 1)))
		forgot := less.forget(rand.New(rand.NewPCG(seed, 2)))
		_, want := full.certainties()
		got, _ := less.certainties()
		for i, c := range got {
			// What one more member that hangs for less certain reasons does to the certainty
			// of a group is no matter here.
			if want[i] == 0 || c >= finding.Proven && want[i] < finding.Proven {
				t.Fatalf("seed %d: with %q goroutine %d hangs at %v, without at %v\n%s\nwithout\n%s", seed, forgot, less.look.Goroutines[i].ID, c, want[i], less, full)
			}
		}
	}
}

// TestHolders compares what is found of locks alone with what the least fixed point says:
// a goroutine that can get its lock releases what it holds.
func TestHolders(t *testing.T) {
	for seed := range uint64(20000) {
		w := randomWorld(rand.New(rand.NewPCG(seed, 3)))
		for i := range w.look.Goroutines {
			g := &w.look.Goroutines[i]
			g.Owes, g.Proof = nil, Unproven
			if g.Wait != nil && !g.Wait.IsLock() {
				g.Wait = nil
			}
			if g.Wait != nil {
				g.Wait.Lasted, g.Suspect = long, long
			}
		}
		hung := make(map[int]bool)
		for _, h := range Judge(&w.look).Hangs {
			for _, i := range slices.Concat(h.Members, h.Victims()) {
				hung[i] = true
			}
		}
		if want := hungByLocks(w.look.Goroutines); !maps.Equal(hung, want) {
			t.Fatalf("seed %d: hung %v, want %v\n%s", seed, hung, want, w)
		}
	}
}

// hungByLocks lets goroutines go on as long as one can.
func hungByLocks(all []Goroutine) map[int]bool {
	hung := make(map[int]bool)
	for i := range all {
		hung[i] = all[i].Wait != nil
	}
	blocks := func(i int) bool {
		lock, shared := all[i].Wait.Cases[0].Object, false
		writer := -1
		held := false
		for j := range all {
			for _, h := range all[j].Holds {
				if h.Lock != lock {
					continue
				}
				held = held || h.Mode == lockorder.Exclusive || all[i].Wait.Mode == finding.Exclusive
				shared = shared || h.Mode == lockorder.Shared
				if hung[j] && (h.Mode == lockorder.Exclusive || all[i].Wait.Mode == finding.Exclusive) {
					return true
				}
			}
			if all[j].Wait != nil && all[j].Wait.Cases[0].Object == lock && all[j].Wait.Mode == finding.Exclusive && writer < 0 {
				writer = j
			}
		}
		return !held && shared && writer >= 0 && hung[writer]
	}
	for moved := true; moved; {
		moved = false
		for i := range all {
			if hung[i] && !blocks(i) {
				hung[i], moved = false, true
			}
		}
	}
	maps.DeleteFunc(hung, func(_ int, h bool) bool { return !h })
	return hung
}

func (w *world) String() (text string) {
	name := func(o judge.Object) string {
		if o == nil {
			return "nil"
		}
		return o.(*object).name
	}
	for i := range w.look.Goroutines {
		g := &w.look.Goroutines[i]
		text += fmt.Sprintf("%d from %d", g.ID, g.Parent)
		for _, h := range g.Holds {
			text += fmt.Sprintf(" holds %s %v", name(h.Lock), h.Mode)
		}
		if g.Owes != nil {
			text += " owes " + name(g.Owes)
		}
		if g.Wait != nil {
			text += fmt.Sprintf(" waits %v for", g.Wait.Lasted)
			for _, c := range g.Wait.Cases {
				text += fmt.Sprintf(" %s %s", c.Mode, name(c.Object))
			}
		}
		if g.Proof == Unreachable {
			text += " unreachable"
		}
		text += "\n"
	}
	for c, u := range w.users {
		text += fmt.Sprintf("%s %s: %+v\n", c.Mode, name(c.Object), u)
	}
	for _, s := range w.say() {
		text += "  " + s + "\n"
	}
	return text
}
