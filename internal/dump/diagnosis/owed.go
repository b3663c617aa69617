package diagnosis

import (
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// groupStarters are functions that start a goroutine that owes its wait group a Done.
var groupStarters = []string{"sync.(*WaitGroup).Go", "golang.org/x/sync/errgroup.(*Group).Go", "golang.org/x/sync/errgroup.(*Group).TryGo"}

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
			if w != i && g.Parent == waiter.ID && g.ID > waiter.ID && startsWithAny(g.Created.Func, groupStarters) && g.isOf(r, waiter) {
				r.hold(hold{goroutine: i, frame: len(g.Stack) - 1, support: likely})
			}
		}
		if r.named.Class != "" && j.needs[i] != r && j.callsDone(g, r) {
			r.hold(hold{goroutine: i, frame: len(g.Stack) - 1, support: likely})
		}
	}
}

// isOf reports whether the goroutine may be of the group: a wait in errgroup is for the
// goroutines that errgroup started.
func (g *goroutine) isOf(r *resource, waiter *goroutine) bool {
	return strings.Contains(r.site.Func, "errgroup.") == strings.Contains(g.Created.Func, "errgroup.")
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
