package diagnosis

import (
	"cmp"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockset"
	"github.com/concdoctor/concdoctor/internal/profile"
)

const (
	// maxOffset is how far into a struct its lock may lie: large structs have their
	// locks in front, and a pointer further below is of something else.
	maxOffset = 4096
	// maxHolders bounds the goroutines listed that may hold one lock.
	maxHolders = 3
)

// resource is a lock, a once or a wait group for which goroutines wait.
type resource struct {
	kind finding.ResourceKind
	// addr is its address, 0 if the calls do not show it (RLock is inlined).
	addr uint64
	// owner is the struct that it lies in, as its waiters' caller has it among its
	// arguments; 0 if it has none.
	owner uint64
	// named is what the source calls it where it is waited for; root is the value of the
	// pointer that the expression begins with, 0 if not known.
	named lockset.Object
	root  uint64
	// offset is how far behind root the resource lies, -1 if not known.
	offset int64
	// site is the line that waits.
	site finding.Frame
	// waiters are indexes of goroutines.
	waiters []int
	// holds are the goroutines that hold it, or owe it a Done, as far as can be seen.
	holds []hold
	// exhausted says that the source of all calls was at hand that could hold it, so that
	// the holder is among holds, or has ended.
	exhausted bool
	// writes says that a writer waits for the readers to leave: those that hold it read.
	// onlyReads says that no writer waits at all: the one that holds it writes.
	writes, onlyReads bool
}

func (r *resource) isLock() bool { return r.kind == finding.Mutex || r.kind == finding.RWMutex }

// site is the index of the innermost frame that is not machinery, nor the method of a lock that
// is made of another one; len(Stack) if all are.
func (g *goroutine) site() int { return min(g.behindSync()+g.wrappers, len(g.Stack)) }

// behindSync is the index of the innermost frame that is not machinery.
func (g *goroutine) behindSync() int {
	i := 0
	for i < len(g.Stack) && g.Stack[i].IsMachinery() {
		i++
	}
	return i
}

// unwrap counts the wrappers of the lock that the goroutine waits for.
func (j *judging) unwrap(g *goroutine) {
	if !g.role.IsLock() {
		return
	}
	for i := g.behindSync(); i+1 < len(g.Stack) && j.opts.Sources.IsWrapper(g.Stack[i]); i++ {
		g.wrappers++
	}
}

// These are where in a lock, a wait group or a once its semaphores lie (GOROOT/src/sync).
const (
	mutexSemaphore  = 4
	writerSemaphore = 8
	readerSemaphore = 12
	groupSemaphore  = 8
	onceSemaphore   = 8
)

// waitsFor returns the address of what g waits for and, for a lock, the struct that it
// lies in; 0 where the calls do not show it.
func (g *goroutine) waitsFor() (addr, owner uint64) {
	site := g.site()
	addr = g.semaphoreOwner()
	for _, a := range g.Args {
		// The outermost counts: RWMutex.Lock acquires a Mutex at its own address.
		if int(a.Frame) < site && a.Word == 0 && isMethodOf(g.Stack[a.Frame].Func, g.role) {
			addr = a.Value
		}
	}
	for _, a := range g.Args {
		if int(a.Frame) != site {
			continue
		}
		switch {
		case addr == 0 && owner == 0 && a.Word == 0 && strings.Contains(g.Stack[site].Func, "(*"):
			owner = a.Value // its receiver
		case addr != 0 && a.Value <= addr && addr-a.Value <= maxOffset && a.Value > owner:
			owner = a.Value
		}
	}
	return addr, owner
}

// isMethodOf reports whether the function is a method of the type that goroutines in the
// role wait for.
func isMethodOf(name string, role profile.Role) bool {
	switch role {
	case profile.Mutex, profile.RWMutex:
		return strings.Contains(name, "(*Mutex).") || strings.Contains(name, "(*RWMutex).")
	case profile.WaitGroup:
		return strings.Contains(name, "(*WaitGroup).Wait")
	case profile.Once:
		return strings.Contains(name, "(*Once).")
	case profile.Cond:
		return strings.Contains(name, "(*Cond).Wait")
	}
	return false
}

// semaphoreOwner is the lock whose semaphore the runtime's calls show.
func (g *goroutine) semaphoreOwner() uint64 {
	if g.WaitsOn == 0 {
		return 0
	}
	switch g.role {
	case profile.WaitGroup:
		return g.WaitsOn - groupSemaphore
	case profile.Once:
		return g.WaitsOn - onceSemaphore
	case profile.Mutex:
		return g.WaitsOn - mutexSemaphore
	case profile.RWMutex:
		switch {
		case g.State == "sync.Mutex.Lock" || hasCall(g.Stack[:g.site()], []string{"sync.(*Mutex).", "internal/sync.(*Mutex)."}):
			return g.WaitsOn - mutexSemaphore
		case g.asksToRead():
			return g.WaitsOn - readerSemaphore
		}
		return g.WaitsOn - writerSemaphore
	}
	return 0
}

// asksToRead reports whether it asks for a read lock.
func (g *goroutine) asksToRead() bool {
	for _, f := range g.Stack[:g.site()] {
		if strings.HasSuffix(f.Func, ".RLock") {
			return true
		}
	}
	return false
}

// asksPendingWrite reports whether it is the writer that waits for the readers to leave:
// it has passed the mutex that keeps writers apart.
func (g *goroutine) asksPendingWrite() bool {
	return g.role == profile.RWMutex && !g.asksToRead() && g.State != "sync.Mutex.Lock" &&
		!hasCall(g.Stack[:g.site()], []string{"sync.(*Mutex).", "internal/sync.(*Mutex)."}) && strings.HasPrefix(g.State, "sync.RWMutex")
}

// word returns the word of the arguments of the call, 0 if it is not known.
func (g *goroutine) word(frame, word int) uint64 {
	for _, a := range g.Args {
		if int(a.Frame) == frame && int(a.Word) == word {
			return a.Value
		}
	}
	return 0
}

// resourceKey distinguishes what goroutines wait for, as exactly as the dump shows it.
type resourceKey struct {
	kind        finding.ResourceKind
	addr, root  uint64
	class, path string
	site        finding.Frame
}

// newResource is what the goroutine waits for, without its waiters.
func (j *judging) newResource(g *goroutine) (*resource, resourceKey) {
	r := &resource{kind: profile.ResourceKind(g.role), site: g.Stack.Site(), offset: -1}
	r.addr, r.owner = g.waitsFor()
	if facts, known := j.facts(g, g.site()); known {
		r.named = facts.Target
		if w := r.named.Word; w >= 0 {
			r.root = g.word(g.site(), w)
		}
		if r.root != 0 && r.named.Direct && r.root <= r.addr && r.addr-r.root <= maxOffset {
			r.offset = int64(r.addr - r.root)
		}
	}
	k := resourceKey{kind: r.kind}
	switch {
	case r.addr != 0:
		k.addr = r.addr
	case r.root != 0 && r.named.Class != "":
		k.root, k.class, k.path = r.root, r.named.Class, r.named.Path
	case r.named.Class != "":
		k.class = r.named.Class
	case r.owner != 0:
		k.root = r.owner
	default:
		k.site = r.site
	}
	return r, k
}

// findResources finds the locks, the onces and the wait groups that users' goroutines wait
// for, most waiters first.
func (j *judging) findResources() []*resource {
	by := make(map[resourceKey]*resource)
	for i := range j.goroutines {
		g := &j.goroutines[i]
		switch g.role {
		case profile.Mutex, profile.RWMutex, profile.Once, profile.WaitGroup:
		default:
			continue
		}
		if !g.isUsers() {
			continue
		}
		r, k := j.newResource(g)
		if by[k] == nil {
			by[k] = r
		}
		by[k].join(r)
		by[k].waiters = append(by[k].waiters, i)
	}
	all := make([]*resource, 0, len(by))
	for _, r := range by {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b *resource) int { return cmp.Compare(a.waiters[0], b.waiters[0]) })
	all = joinUnaddressed(all)
	slices.SortFunc(all, func(a, b *resource) int {
		return cmp.Or(cmp.Compare(len(b.waiters), len(a.waiters)), cmp.Compare(a.waiters[0], b.waiters[0]))
	})
	for _, r := range all {
		r.writes = slices.ContainsFunc(r.waiters, func(i int) bool { return j.goroutines[i].asksPendingWrite() })
		r.onlyReads = !slices.ContainsFunc(r.waiters, func(i int) bool { return !j.goroutines[i].asksToRead() })
	}
	doubtWriters(all)
	return all
}

// doubtWriters notes which resources a writer may wait for that seems to wait for another
// one: of one of the two the dump does not show which it is.
func doubtWriters(all []*resource) {
	writers := make(map[string][]*resource)
	for _, w := range all {
		if w.writes && w.named.Class != "" {
			writers[w.named.Class] = append(writers[w.named.Class], w)
		}
	}
	for _, r := range all {
		for _, w := range writers[r.named.Class] {
			if w != r && (w.shown() == 0 || r.shown() == 0) {
				r.onlyReads = false
				break
			}
		}
	}
}

// join takes over what another waiter shows of the same resource.
func (r *resource) join(o *resource) {
	r.owner = max(r.owner, o.owner)
	if r.named.Class == "" || r.offset < 0 && o.offset >= 0 {
		r.named, r.root, r.offset = o.named, o.root, o.offset
	}
}

// joinUnaddressed adds the resources of which the dump shows less to the only one of which
// it shows more that they may be: those without an address to one with an address, those
// without a root to one with a root.
func joinUnaddressed(all []*resource) []*resource {
	return slices.DeleteFunc(all, func(r *resource) bool {
		if r.addr != 0 {
			return false
		}
		var match *resource
		for _, o := range all {
			if o == r || o.shown() <= r.shown() || !r.mayBe(o) {
				continue
			}
			if match != nil {
				return false
			}
			match = o
		}
		if match == nil {
			return false
		}
		match.join(r)
		match.waiters = append(match.waiters, r.waiters...)
		slices.Sort(match.waiters)
		return true
	})
}

// shown says how much the dump shows of the resource: its address, or the variable that its
// name begins with, or neither.
func (r *resource) shown() int {
	switch {
	case r.addr != 0:
		return 2
	case r.root != 0 && r.named.Class != "":
		return 1
	}
	return 0
}

// mayBe reports whether r may be the resource o, of which the dump shows more.
func (r *resource) mayBe(o *resource) bool {
	if o.kind != r.kind {
		return false
	}
	if r.named.Class != "" && o.named.Class != "" {
		return r.named.Class == o.named.Class && (o.addr == 0 || mayLieIn(r.named, r.root, o.addr))
	}
	if o.addr == 0 {
		return false
	}
	return r.owner != 0 && (o.addr == r.owner || o.owner == r.owner)
}

// mayLieIn reports whether a resource at the address may be the one that is named, given
// the value of the pointer that the name begins with.
func mayLieIn(named lockset.Object, root, addr uint64) bool {
	if root == 0 || !named.Direct {
		return true // not known
	}
	return root <= addr && addr-root <= maxOffset
}

// minutes is how long its longest waiter has waited.
func (d *Dump) minutes(r *resource) int64 {
	longest := int64(0)
	for _, i := range r.waiters {
		longest = max(longest, d.goroutines[i].Minutes)
	}
	return longest
}
