package diagnosis

import (
	"cmp"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/profile"
)

const (
	// maxOffset is how far into a struct its lock may lie: large structs have their
	// locks in front, and a pointer further below is of something else.
	maxOffset = 4096
	// maxHolders bounds the goroutines listed that may hold one lock.
	maxHolders = 3
)

// lock is a lock for which goroutines wait.
type lock struct {
	// addr is its address, 0 if the calls do not show it (RLock is inlined).
	addr uint64
	// owner is the struct that it lies in, as its waiters' caller has it among its
	// arguments; 0 if it has none.
	owner uint64
	kind  finding.ResourceKind
	// site is the line that waits.
	site finding.Frame
	// waiters and holders are indexes of goroutines: holders have the lock or its
	// owner among the arguments of their calls, at the frame in shown.
	waiters, holders []int
	shown            map[int]int
}

// site is the index of the innermost frame that is not machinery, len(Stack) if all are.
func (g *goroutine) site() int {
	i := 0
	for i < len(g.Stack) && g.Stack[i].IsMachinery() {
		i++
	}
	return i
}

// lockOf returns the lock that g waits for: its address and its owner.
func (g *goroutine) lockOf() (addr, owner uint64) {
	site := g.site()
	for _, a := range g.Args {
		if int(a.Frame) < site && isLockMethod(g.Stack[a.Frame].Func) {
			addr = a.Value // the outermost: RWMutex.Lock takes a Mutex at its own address
		}
	}
	for _, a := range g.Args {
		if int(a.Frame) != site {
			continue
		}
		switch {
		case addr == 0 && owner == 0 && strings.Contains(g.Stack[site].Func, "(*"):
			owner = a.Value // its receiver
		case addr != 0 && a.Value <= addr && addr-a.Value <= maxOffset && a.Value > owner:
			owner = a.Value
		}
	}
	return addr, owner
}

func isLockMethod(name string) bool {
	return strings.Contains(name, "(*Mutex).") || strings.Contains(name, "(*RWMutex).")
}

// locks finds the locks of the dump, most waiters first.
func (d *Dump) locks() []*lock {
	type key struct {
		addr, owner uint64
		site        finding.Frame
	}
	by := make(map[key]*lock)
	for i := range d.goroutines {
		g := &d.goroutines[i]
		if !g.role.IsLock() || !g.isUsers() {
			continue
		}
		k := key{}
		k.addr, k.owner = g.lockOf()
		site := g.Stack.Site()
		switch {
		case k.addr != 0:
			k.owner = 0
		case k.owner == 0:
			k.site = site
		}
		l := by[k]
		if l == nil {
			l = &lock{addr: k.addr, kind: profile.ResourceKind(g.role), site: site, shown: make(map[int]int)}
			by[k] = l
		}
		if _, owner := g.lockOf(); owner > l.owner {
			l.owner = owner
		}
		l.waiters = append(l.waiters, i)
	}
	all := make([]*lock, 0, len(by))
	for _, l := range by {
		all = append(all, l)
	}
	all = joinReaders(all)
	slices.SortFunc(all, func(a, b *lock) int {
		return cmp.Or(cmp.Compare(len(b.waiters), len(a.waiters)), cmp.Compare(a.waiters[0], b.waiters[0]))
	})
	d.findHolders(all)
	return all
}

// joinReaders adds the locks without an address to the one lock with an address
// that their owner has.
func joinReaders(all []*lock) []*lock {
	slices.SortFunc(all, func(a, b *lock) int { return cmp.Compare(a.waiters[0], b.waiters[0]) })
	return slices.DeleteFunc(all, func(l *lock) bool {
		if l.addr != 0 || l.owner == 0 {
			return false
		}
		var match *lock
		for _, o := range all {
			if o.addr != 0 && o.kind == l.kind && (o.addr == l.owner || o.owner == l.owner) {
				if match != nil {
					return false
				}
				match = o
			}
		}
		if match == nil {
			return false
		}
		match.waiters = append(match.waiters, l.waiters...)
		slices.Sort(match.waiters)
		return true
	})
}

// findHolders looks through the arguments of all calls of user code. A word that
// is the owner of several locks names none of them.
func (d *Dump) findHolders(all []*lock) {
	named := make(map[uint64][]*lock)
	add := func(word uint64, l *lock) {
		if word != 0 && !slices.Contains(named[word], l) {
			named[word] = append(named[word], l)
		}
	}
	for _, l := range all {
		add(l.addr, l)
		add(l.owner, l)
	}
	for i := range d.goroutines {
		g := &d.goroutines[i]
		site := g.site()
		for _, a := range g.Args {
			locks := named[a.Value]
			if len(locks) != 1 || int(a.Frame) < site || slices.Contains(locks[0].waiters, i) {
				continue
			}
			l := locks[0]
			if _, known := l.shown[i]; !known {
				l.holders = append(l.holders, i)
				l.shown[i] = int(a.Frame)
			}
		}
	}
}

// minutes is how long its longest waiter has waited.
func (d *Dump) minutes(l *lock) int64 {
	longest := int64(0)
	for _, i := range l.waiters {
		longest = max(longest, d.goroutines[i].Minutes)
	}
	return longest
}
