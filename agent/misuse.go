//go:build !concdoctor_off

package agent

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/agent/internal/callers"
)

// misuse reports what make returns for the caller of the method that calls its
// caller. It runs also while a panic is under way, which goes on afterwards.
//
//go:noinline
func (d *detector) misuse(make func(at finding.Stack) finding.Finding) {
	if d.off.Load() {
		return
	}
	stack := callers.Long()
	g := current()
	if g == nil {
		return
	}
	g.enter()
	defer g.leave()
	d.protect(func() { d.sink.report(make(stackOf(stack))) })
}

// addPanicked reports an Add, Done or Go that sync has answered with a panic, while
// that is under way; counter is what the counter is now.
func (r *group) addPanicked(counter int32) {
	if counter < 0 {
		std.misuse(r.negative)
		return
	}
	if r.told.CompareAndSwap(false, true) {
		std.misuse(r.reused)
	}
}

// waitPanicked reports a Wait that sync has answered with a panic, if the Add that
// is to blame was not reported.
func (r *group) waitPanicked() {
	if !r.told.CompareAndSwap(false, true) {
		return
	}
	std.misuse(func(at finding.Stack) finding.Finding {
		f := r.misuse(at, "waited here", r.opened.stack(), "counted up again here")
		f.Title = fmt.Sprintf("%s began again before the Wait at %s had returned", f.Places[1].Stack.Site(), at.Site())
		return f
	})
}

func (r *group) negative(at finding.Stack) finding.Finding {
	f := r.misuse(at, "counted below zero here", r.opened.stack(), "counted up from zero last here")
	f.Title = fmt.Sprintf("%s takes more from the counter than was added", at.Site())
	f.Detail = "A Done without its Add: the counter may have been zero too early before, so that Wait returned before the work was done."
	f.Fix = "call Done exactly once for each Add, in a defer at the start of the goroutine, or start goroutines with WaitGroup.Go"
	return f
}

func (r *group) reused(at finding.Stack) finding.Finding {
	f := r.misuse(at, "counted up from zero here", r.waited.stack(), "waited here and not returned yet")
	f.Title = fmt.Sprintf("%s counts up from zero while the Wait at %s has not returned", at.Site(), f.Places[1].Stack.Site())
	return f
}

// misuse is what all reports of a wait group's misuse share.
func (r *group) misuse(at finding.Stack, role string, other finding.Stack, otherRole string) finding.Finding {
	var all resources
	all.of(r.origin)
	f := finding.Finding{
		Rule: "waitgroup-misuse", Certainty: finding.Observed, Severity: finding.Error,
		Resources: all.list,
		Places:    []finding.Place{{Role: role, Stack: at}, {Role: otherRole, Stack: other}},
		Detail: "Adding to a counter that is zero must happen before Wait begins or after every Wait has returned: " +
			"otherwise Wait may return early, miss the new work, or panic.",
		Fix: "add before the goroutine is started that counts down, by the goroutine that will wait; use a new WaitGroup for each round",
	}
	return f
}
