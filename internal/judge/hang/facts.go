package hang

import (
	"cmp"
	"slices"

	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/lockorder"
	"github.com/concdoctor/concdoctor/internal/waitfor"
)

// facts are a look with what is looked up in it.
type facts struct {
	*Look
	holders map[judge.Object][]int // goroutines that hold a lock
	waiters map[judge.Object][]int // goroutines that wait for a lock
	owers   map[judge.Object][]uint64
	lost    map[uint64]bool // goroutines that cannot be woken
	joins   map[uint64]bool // goroutines that wait for a wait group
	proven  bool            // of one of them
	// forever are goroutines that are to wait for ever, as main is in a select without cases.
	// That they have used a channel does not say that they were to use it again.
	forever map[uint64]bool
	// children are goroutines by the one that started them.
	children map[uint64][]int
	dead     map[int]bool // goroutines that wait for a lock which is not released any more
	users    map[Case]Users
	knowers  map[judge.Object]*knowers
	groups   map[groupKey]*waitfor.Group
	census   *Census
}

type groupKey struct {
	group    string
	unparked bool
}

// knowers are the living goroutines that may know an object.
type knowers struct {
	// likely are those that descend from one which knows it, strangers those of which it is
	// not known from which goroutine they descend. Everybody says that no origin is known.
	likely, strangers []uint64
	everybody         bool
}

func newFacts(l *Look) *facts {
	f := &facts{
		Look: l, holders: make(map[judge.Object][]int), waiters: make(map[judge.Object][]int), owers: make(map[judge.Object][]uint64),
		joins: make(map[uint64]bool), lost: make(map[uint64]bool), forever: make(map[uint64]bool), dead: make(map[int]bool), users: make(map[Case]Users), knowers: make(map[judge.Object]*knowers),
		groups: make(map[groupKey]*waitfor.Group), children: make(map[uint64][]int),
	}
	for i := range l.Goroutines {
		g := &l.Goroutines[i]
		for _, h := range g.Holds {
			if all := f.holders[h.Lock]; len(all) == 0 || all[len(all)-1] != i {
				f.holders[h.Lock] = append(all, i)
			}
		}
		if g.Proof == Unreachable {
			f.lost[g.ID], f.proven = true, true
		}
		f.children[g.Parent] = append(f.children[g.Parent], i)
		if g.Owes != nil {
			f.owers[g.Owes] = append(f.owers[g.Owes], g.ID)
		}
		if g.Wait == nil {
			continue
		}
		if lock, ok := g.Wait.lock(); ok {
			f.waiters[lock] = append(f.waiters[lock], i)
		}
		f.joins[g.ID], f.forever[g.ID] = g.Wait.Join, g.Wait.isNothing()
	}
	for _, all := range f.waiters {
		slices.SortStableFunc(all, func(a, b int) int {
			return cmp.Compare(l.Goroutines[b].Wait.Lasted, l.Goroutines[a].Wait.Lasted)
		})
	}
	for i := range l.Goroutines {
		f.dead[i] = f.leftTo(i) != nil
	}
	return f
}

// leftTo returns the lock that a goroutine waits for, as its holder left it behind when it
// ended, or nil. A lock that is released by goroutines which do not hold it serves as a
// semaphore: its holder may come and go. If it is known to which goroutines it was given, these
// are its holders.
func (f *facts) leftTo(i int) *Left {
	w := f.Goroutines[i].Wait
	if w == nil {
		return nil
	}
	lock, ok := w.lock()
	if !ok || w.Unowned || len(f.holders[lock]) > 0 {
		return nil
	}
	for j := range f.Left {
		if l := &f.Left[j]; l.Hold.Lock == lock && (l.Given || !l.Hold.Unowned) && isExcluded(w, &l.Hold) {
			return l
		}
	}
	return nil
}

// isOwed reports whether it is certain which goroutines must go on before one does: they
// hold the lock that it waits for, or owe its wait group the end of their work, or there
// can be none, as at a nil channel.
func (f *facts) isOwed(g *Goroutine) bool {
	if g.Wait.IsLock() || g.Wait.isNothing() {
		return true
	}
	if len(g.Wait.Cases) != 1 || g.Wait.Cases[0].Object == nil || g.Wait.Cases[0].External {
		return false
	}
	c := g.Wait.Cases[0]
	return f.owers[c.Object] != nil || f.usersOf(c).Owed
}

// holdOf returns how a goroutine holds a lock: in its strongest mode.
func (f *facts) holdOf(i int, lock judge.Object) (hold *judge.Hold) {
	g := &f.Goroutines[i]
	for j := range g.Holds {
		if h := &g.Holds[j]; h.Lock == lock && (hold == nil || h.Mode == lockorder.Exclusive) {
			hold = h
		}
	}
	return hold
}
