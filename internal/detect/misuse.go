package detect

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/judge/misuse"
)

// misuse reports what make returns for the stack of the running goroutine. It may run during a
// panic, which goes on afterwards.
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

// addPanicked reports an Add, Done or Go in which package sync panics; counter is the counter
// now.
func (r *groupRecord) addPanicked(counter int32) {
	if counter < 0 {
		std.misuse(r.negative)
		return
	}
	if r.reported.CompareAndSwap(false, true) {
		std.misuse(r.reused)
	}
}

// waitPanicked reports a Wait in which package sync panics, unless the Add that is to blame
// was reported.
func (r *groupRecord) waitPanicked() {
	if !r.reported.CompareAndSwap(false, true) {
		return
	}
	std.misuse(func(at finding.Stack) finding.Finding { return r.misused(at, &r.opened).Overtaken() })
}

func (r *groupRecord) negative(at finding.Stack) finding.Finding {
	return r.misused(at, &r.opened).Negative()
}

func (r *groupRecord) reused(at finding.Stack) finding.Finding {
	return r.misused(at, &r.waited).Reused()
}

func (r *groupRecord) misused(at finding.Stack, other *lastStack) misuse.Group {
	return misuse.Group{Resource: r.description.resource(), At: at, Other: other.stack()}
}
