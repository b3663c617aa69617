package diagnosis

import (
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/lockset"
)

// oweDone adds the goroutine to the wait groups that it owes a Done: it was started through
// Go by the goroutine that waits, or its function calls Done on what is declared there.
func (j *judging) oweDone(i int, all []*resource) {
	g := &j.goroutines[i]
	for _, r := range all {
		if r.kind != finding.WaitGroup {
			continue
		}
		for _, w := range r.waiters {
			waiter := &j.goroutines[w]
			if w != i && j.isOfGroup(g, waiter) && g.isOf(r) {
				r.hold(hold{goroutine: i, frame: len(g.Stack) - 1, support: likely})
			}
		}
		if r.named.Class != "" && j.needs[i] != r && j.callsDone(g, r) {
			r.hold(hold{goroutine: i, frame: len(g.Stack) - 1, support: likely})
		}
	}
}

// isOfGroup reports whether WaitGroup.Go or errgroup started the goroutine for the one that
// waits. A profile does not say which goroutine started another: there it is a literal in one
// of the functions of the one that waits.
func (j *judging) isOfGroup(g, waiter *goroutine) bool {
	if !j.anonymous {
		return g.Parent == waiter.ID && g.ID > waiter.ID && judge.IsGroupStarter(g.Created.Func)
	}
	frame := g.outermost()
	return frame >= 0 && isStartedByGroup(g.Stack[frame:]) && slices.ContainsFunc(waiter.Stack, func(f finding.Frame) bool {
		return strings.HasPrefix(g.Stack[frame].Func, f.Func+".func")
	})
}

func isStartedByGroup(calls finding.Stack) bool {
	return slices.ContainsFunc(calls, func(f finding.Frame) bool { return judge.IsGroupStarter(f.Func) })
}

// isOf reports whether the goroutine may be of the group: a wait in errgroup is for the
// goroutines that errgroup started.
func (g *goroutine) isOf(r *resource) bool {
	isErrgroup := func(f finding.Frame) bool {
		return judge.IsGroupStarter(f.Func) && strings.Contains(f.Func, "errgroup.")
	}
	started := isErrgroup(g.Created) || g.Created.IsZero() && slices.ContainsFunc(g.Stack, isErrgroup)
	return strings.Contains(r.site.Func, "errgroup.") == started
}

// callsDone reports whether the outermost function of the goroutine calls Done on the wait
// group.
func (j *judging) callsDone(g *goroutine, r *resource) bool {
	for frame := len(g.Stack) - 1; frame >= 0; frame-- {
		f := g.Stack[frame]
		if f.IsMachinery() || f.Package() != r.site.Package() {
			continue
		}
		uses, _ := j.uses(f)
		for _, o := range uses.Done {
			if o.Class == r.named.Class {
				return true
			}
		}
		return false
	}
	return false
}

// oweRelease adds the goroutine to the locks that its outermost function releases without
// having acquired them: it was given them.
func (j *judging) oweRelease(i int, all []*resource) {
	g := &j.goroutines[i]
	for _, r := range all {
		if !r.isLock() || r.named.Class == "" || j.needs[i] == r {
			continue
		}
		if frame := g.outermost(); frame >= 0 && j.releases(g.Stack[frame], r) {
			r.hold(hold{goroutine: i, frame: frame, support: likely, given: true})
		}
	}
}

// outermost is the index of the function that the goroutine was started with, -1 if it is
// none of the user's.
func (g *goroutine) outermost() int {
	for frame := len(g.Stack) - 1; frame >= 0; frame-- {
		if f := g.Stack[frame]; !f.IsMachinery() && !judge.IsStarter(f.Func) {
			if f.IsStandard() {
				return -1
			}
			return frame
		}
	}
	return -1
}

func (j *judging) releases(f finding.Frame, r *resource) bool {
	if !isWithin(f, r.site.Package()) {
		return false
	}
	uses, _ := j.uses(f)
	return slices.ContainsFunc(uses.Released, func(o lockset.Object) bool { return o.Class == r.named.Class })
}

// giveAway takes the lock from those that have given it to a goroutine that they started
// while they held it.
func (r *resource) giveAway(j *judging) {
	r.holds = slices.DeleteFunc(r.holds, func(h hold) bool {
		return !h.given && slices.ContainsFunc(r.holds, func(o hold) bool { return o.given && j.isHeir(o.goroutine, h) })
	})
}

// isHeir reports whether the goroutine was started in the critical section of the hold.
func (j *judging) isHeir(i int, h hold) bool {
	g, holder := &j.goroutines[i], &j.goroutines[h.goroutine]
	section := holder.Stack[h.frame]
	if j.anonymous {
		frame := g.outermost()
		return frame >= 0 && strings.HasPrefix(g.Stack[frame].Func, section.Func+".func")
	}
	return g.Parent == holder.ID && g.Created.Function() == section.Function() && h.line <= g.Created.Line
}

// heirsOf are goroutines that were started in the critical section of the hold and may
// release the lock: of what they do the source is not at hand.
func (j *judging) heirsOf(r *resource, h hold) (heirs []int) {
	if !r.isLock() || j.anonymous {
		return nil
	}
	for i := range j.goroutines {
		g := &j.goroutines[i]
		frame := g.outermost()
		if j.needs[i] == r || frame < 0 || !j.isHeir(i, h) {
			continue
		}
		if _, known := j.opts.Sources.UsesOf(g.Stack[frame]); !known {
			heirs = append(heirs, i)
		}
	}
	return heirs
}
