package diagnosis

import (
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockset"
	"github.com/concdoctor/concdoctor/internal/profile"
)

// support says how well it is known that a goroutine holds a resource.
type support uint8

const (
	// possible: the resource is among the arguments of its calls, and the source is not at hand.
	possible support = iota + 1
	// likely: the source says that it holds one declared there, possibly another instance;
	// or it does so on some ways only.
	likely
	// sure: the source says that it holds it on all ways, and the addresses agree.
	sure
)

// hold says that a goroutine holds a resource.
type hold struct {
	goroutine int
	// frame is the call in which it holds it.
	frame int
	// line is where the source acquires it, 0 if not known.
	line    int
	mode    finding.Mode // "" if not known
	support support
	// given says that another goroutine acquired it for this one.
	given bool
}

// lockCall is a lock that the source says a call holds.
type lockCall struct {
	lockset.Held
	frame int
	root  uint64
}

// findHolds looks through the calls of all goroutines for those that hold a resource, or
// owe it a Done.
func (j *judging) findHolds(all []*resource) {
	for _, r := range all {
		r.exhausted = r.isLock() && r.named.Class != ""
	}
	named := namesOf(all)
	packages := packagesOf(all)
	for i := range j.goroutines {
		g := &j.goroutines[i]
		calls, opaque := j.heldBy(g, packages)
		for _, r := range all {
			if r.isLock() {
				j.holdLock(r, i, calls)
				r.exhausted = r.exhausted && !opaque[r.site.Package()]
			}
		}
		j.holdByArguments(i, named, calls)
		j.runOnce(i, all)
		j.oweDone(i, all)
		j.oweRelease(i, all)
	}
	for _, r := range all {
		r.giveAway(j)
		r.settle()
	}
}

// packagesOf are the packages in which locks are waited for: a lock is acquired in the
// package that declares it, as a rule.
func packagesOf(all []*resource) map[string]bool {
	set := make(map[string]bool)
	for _, r := range all {
		if r.isLock() && r.named.Class != "" {
			set[r.site.Package()] = true
		}
	}
	return set
}

// heldBy returns the locks that the goroutine holds as the source of its calls says, and
// the packages in which a call is of a function that is not known.
func (j *judging) heldBy(g *goroutine, packages map[string]bool) (held []lockCall, opaque map[string]bool) {
	if len(packages) == 0 {
		return nil, nil
	}
	site := g.site()
	for frame := len(g.Stack) - 1; frame >= site; frame-- {
		pkg := g.Stack[frame].Package()
		if !packages[pkg] {
			continue
		}
		facts, known := j.facts(g, frame)
		if !known || facts.Opaque {
			if opaque == nil {
				opaque = make(map[string]bool)
			}
			opaque[pkg] = true
		}
		if !known {
			continue
		}
		for _, o := range facts.Released {
			held = slices.DeleteFunc(held, func(h lockCall) bool { return h.Class == o.Class && o.Class != "" })
		}
		for _, h := range facts.Held {
			if h.Class != "" {
				held = append(held, lockCall{h, frame, g.root(frame, h.Word)})
			}
		}
		if frame == site && g.role == profile.Cond {
			held = withoutCondLock(held, site, facts.Target.Expr)
		}
	}
	return held, opaque
}

func (g *goroutine) root(frame, word int) uint64 {
	if word < 0 {
		return 0
	}
	return g.word(frame, word)
}

// withoutCondLock leaves out what Cond.Wait releases: the L of the cond or, where it has
// another name, the lock that the call acquired last for writing. Without one, it releases
// what a caller acquired last.
func withoutCondLock(held []lockCall, site int, cond string) []lockCall {
	at := slices.IndexFunc(held, func(h lockCall) bool { return h.frame == site && h.Expr == cond+".L" })
	for i := len(held) - 1; i >= 0 && at < 0; i-- {
		if held[i].frame == site && held[i].Mode == finding.Exclusive {
			at = i
		}
	}
	if at < 0 {
		at = len(held) - 1
	}
	if at < 0 {
		return held
	}
	return slices.Delete(slices.Clone(held), at, at+1)
}

// holdLock adds the goroutine as a holder of the lock if one of the calls holds it.
func (j *judging) holdLock(r *resource, i int, calls []lockCall) {
	if r.named.Class == "" {
		return
	}
	for _, c := range calls {
		if c.Class != r.named.Class {
			continue
		}
		s := r.supportOf(j, i, c)
		if s == 0 {
			continue
		}
		if !c.Sure {
			s = min(s, likely)
		}
		r.hold(hold{goroutine: i, frame: c.frame, line: c.Line, mode: c.Mode, support: s})
	}
}

// supportOf returns how well it is known that the lock of the call is r; 0 if it is another.
func (r *resource) supportOf(j *judging, i int, c lockCall) support {
	asks := slices.Contains(r.waiters, i) && c.frame == j.goroutines[i].site()
	if asks && c.Expr == r.exprOf(j, i) {
		return sure // one call that acquires and asks: one expression is one lock
	}
	switch s, known := r.byAddress(c); {
	case known:
		return s
	case asks: // another expression is another lock as a rule
		return 0
	case isGlobal(c.Object), c.Local && c.Path == "" && j.areRelated(r, i):
		return sure // there is one
	}
	return likely
}

// byAddress compares the addresses, where the dump shows them.
func (r *resource) byAddress(c lockCall) (s support, known bool) {
	is := func(same bool) (support, bool) {
		if same {
			return sure, true
		}
		return 0, true
	}
	switch {
	case c.root == 0:
		return 0, false
	case r.root != 0 && r.named.Path == c.Path:
		return is(r.root == c.root)
	case r.addr != 0 && c.Offset >= 0:
		return is(r.addr == c.root+uint64(c.Offset))
	case r.addr != 0 && c.Direct && r.offset >= 0 && r.named.Path == c.Path:
		return is(r.addr == c.root+uint64(r.offset))
	case r.addr != 0 && c.Direct && !mayLieIn(c.Object, c.root, r.addr):
		return 0, true
	}
	return 0, false
}

// isGlobal reports whether the expression is a variable of a package.
func isGlobal(o lockset.Object) bool { return o.Root && !o.Local && o.Path == "" }

// areRelated reports whether the goroutine created one that waits for the resource, or was
// created by one, or both by the same: a variable that their literals share is then one.
func (j *judging) areRelated(r *resource, i int) bool {
	g := &j.goroutines[i]
	return slices.ContainsFunc(r.waiters, func(w int) bool {
		o := &j.goroutines[w]
		return g.ID != 0 && (o.Parent == g.ID || g.Parent == o.ID || g.Parent == o.Parent && g.Parent != 0)
	})
}

// exprOf is what the source calls the resource where that goroutine waits for it.
func (r *resource) exprOf(j *judging, i int) string {
	g := &j.goroutines[i]
	facts, _ := j.facts(g, g.site())
	return facts.Target.Expr
}

// hold adds a holder; of one goroutine the best supported.
func (r *resource) hold(h hold) {
	at := slices.IndexFunc(r.holds, func(o hold) bool { return o.goroutine == h.goroutine })
	switch {
	case at < 0:
		r.holds = append(r.holds, h)
	case h.support > r.holds[at].support:
		r.holds[at] = h
	}
}

// namesOf maps words to the resources whose address or struct they are. A word that is the
// owner of several names none of them.
func namesOf(all []*resource) map[uint64]*resource {
	named, taken := make(map[uint64]*resource), make(map[uint64]bool)
	add := func(word uint64, r *resource) {
		switch {
		case word == 0 || named[word] == r:
		case taken[word]:
			named[word] = nil
		default:
			named[word], taken[word] = r, true
		}
	}
	for _, r := range all {
		if r.isLock() {
			add(r.addr, r)
			add(r.owner, r)
		}
	}
	return named
}

// holdByArguments adds the goroutine as a possible holder of the locks that are among the
// arguments of calls without source. Where the source is at hand it has been asked.
func (j *judging) holdByArguments(i int, named map[uint64]*resource, calls []lockCall) {
	g := &j.goroutines[i]
	site := g.site()
	for _, a := range g.Args {
		r := named[a.Value]
		if r == nil || int(a.Frame) < site {
			continue
		}
		waits := slices.Contains(r.waiters, i)
		if waits && int(a.Frame) == site {
			continue // it has it because it asks for it
		}
		if facts, known := j.facts(g, int(a.Frame)); known && !facts.Opaque && r.named.Class != "" {
			continue
		}
		r.hold(hold{goroutine: i, frame: int(a.Frame), support: possible})
	}
}

// runOnce adds the goroutine as the one that runs the function of a once.
func (j *judging) runOnce(i int, all []*resource) {
	g := &j.goroutines[i]
	for frame := range g.Stack {
		if !strings.HasPrefix(g.Stack[frame].Func, "sync.(*Once).doSlow") || g.role == profile.Once && frame < g.site() {
			continue // the call in which it waits
		}
		addr := g.word(frame, 0)
		caller := frame + 1
		for caller < len(g.Stack) && g.Stack[caller].IsMachinery() {
			caller++
		}
		facts, _ := j.facts(g, caller)
		for _, r := range all {
			if r.kind != finding.Once {
				continue
			}
			if s := r.onceSupport(addr, facts.Target.Class); s > 0 {
				r.hold(hold{goroutine: i, frame: frame, mode: finding.Exclusive, support: s})
			}
		}
	}
}

// onceSupport returns how well it is known that the once at the address, 0 if that is not
// shown, is the resource.
func (r *resource) onceSupport(addr uint64, class string) support {
	switch {
	case addr != 0 && r.addr != 0:
		if addr == r.addr {
			return sure
		}
		return 0
	case class != "" && r.named.Class != "":
		if class == r.named.Class {
			return likely
		}
		return 0
	}
	return possible
}

// settle leaves out goroutines that cannot hold the resource: beside a writer that waits for readers
// only those, and beside readers that wait without one no reader. Where the source shows it,
// what only the arguments show does not count.
func (r *resource) settle() {
	if r.kind == finding.RWMutex {
		r.holds = slices.DeleteFunc(r.holds, func(h hold) bool {
			return r.writes && h.mode == finding.Exclusive || r.onlyReads && h.mode == finding.Shared
		})
	}
	best := support(0)
	for _, h := range r.holds {
		best = max(best, h.support)
	}
	if best == sure && r.exhausted {
		r.holds = slices.DeleteFunc(r.holds, func(h hold) bool { return h.support < likely })
	}
	slices.SortStableFunc(r.holds, func(a, b hold) int { return int(b.support) - int(a.support) })
}
