package lockwarn

import (
	"fmt"
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
)

// Findings turns the warnings of the log of that name into findings. Those that say what
// one goroutine did are left out if go-deadlock took all goroutines for one; see
// [Log.Confused].
func (l *Log) Findings(name string) []finding.Finding {
	found := make([]finding.Finding, 0, len(l.Warnings))
	confused := l.Confused() != ""
	for i := range l.Warnings {
		w := &l.Warnings[i]
		var f finding.Finding
		switch {
		case w.Kind == TooLong:
			f = w.tooLong(confused)
		case confused:
			continue
		case w.Kind == Order:
			f = w.order()
		default:
			f = w.again()
		}
		f.Count, f.Evidence = 1, []finding.Evidence{{Source: name, Text: fmt.Sprintf("go-deadlock, line %d", w.Line)}}
		found = append(found, f)
	}
	return found
}

// Confused returns the goroutine id by which go-deadlock calls all goroutines, "" if it
// distinguishes them. With a Go that is newer than it knows it does not: before 0.3.5 all are
// goroutine 2 with Go 1.23.
func (l *Log) Confused() string {
	for i := range l.Warnings {
		if id := l.Warnings[i].Confused; id != "" {
			return id
		}
	}
	return ""
}

// unusable counts the warnings that say nothing if all goroutines are taken for one.
func (l *Log) unusable() (n int) {
	for i := range l.Warnings {
		if l.Warnings[i].Kind != TooLong {
			n++
		}
	}
	return n
}

func (c *Call) mode() finding.Mode {
	if c.Shared {
		return finding.Shared
	}
	return finding.Exclusive
}

func (c *Call) resource() finding.Resource {
	r := finding.Resource{Kind: finding.Mutex, Class: c.Stack.Site(), Address: c.Lock}
	if c.Shared {
		r.Kind = finding.RWMutex
	}
	return r
}

// lockCall is a call for the resource of that index.
type lockCall struct {
	Call
	resource int
}

// pair is a goroutine that holds one lock since a call and asks for another.
func pair(held, asked lockCall) finding.Goroutine {
	return finding.Goroutine{
		ID:    asked.Goroutine,
		Holds: []finding.Hold{{Resource: held.resource, Mode: held.mode(), Stack: held.Stack}},
		Wait:  &finding.Wait{Resource: asked.resource, Mode: asked.mode(), Stack: asked.Stack},
	}
}

func (w *Warning) order() finding.Finding {
	c := w.Calls
	first, second := c[1].Stack.Site(), c[3].Stack.Site()
	f := finding.Finding{
		Rule: finding.RuleLockCycle, Certainty: finding.Suspected, Severity: finding.Error,
		Title:      fmt.Sprintf("%s and %s might deadlock: they acquire the same two locks in opposite orders", first, second),
		Detail:     "go-deadlock saw both orders. It checks neither whether they come from one goroutine nor whether a third lock keeps them apart.",
		Resources:  []finding.Resource{c[0].resource(), c[1].resource()},
		Goroutines: []finding.Goroutine{pair(lockCall{c[0], 0}, lockCall{c[1], 1}), pair(lockCall{c[2], 1}, lockCall{c[3], 0})},
		Fix:        fmt.Sprintf("acquire the locks in one order everywhere: %s before %s", finding.ResourceLabel(0), finding.ResourceLabel(1)),
	}
	if first == second {
		f.Title = fmt.Sprintf("%s and %s might deadlock: they acquire 2 locks in conflicting orders", c[0].Stack.Site(), first)
		f.Fix = judge.SortFix(first)
	}
	return f
}

func (w *Warning) again() finding.Finding {
	asked, held := w.Calls[0], w.Calls[1]
	held.Goroutine, held.Lock = asked.Goroutine, asked.Lock
	f := finding.Finding{
		Rule: finding.RuleSelfDeadlock, Certainty: finding.Potential, Severity: finding.Error,
		Title:      fmt.Sprintf("%s is probably deadlocked: it locks what the same goroutine locked at %s", asked.Stack.Site(), held.Stack.Site()),
		Detail:     "One goroutine requested the lock twice. Only an Unlock by another goroutine can end such a wait.",
		Resources:  []finding.Resource{held.resource()},
		Goroutines: []finding.Goroutine{pair(lockCall{held, 0}, lockCall{asked, 0})},
		Fix:        finding.RuleSelfDeadlock.Fix(),
	}
	if asked.Shared && held.Shared {
		f.Rule = finding.RuleRLockRecursion
		f.Title = fmt.Sprintf("%s can deadlock: it read-locks what the same goroutine read-locked at %s", asked.Stack.Site(), held.Stack.Site())
		f.Fix = f.Rule.Fix()
		f.Detail = "A writer that arrives in between waits for the first read lock, and the second read lock waits behind the writer."
	}
	return f
}

func (w *Warning) tooLong(confused bool) finding.Finding {
	calls := slices.Clone(w.Calls)
	if confused {
		for i := range calls {
			calls[i].Goroutine = 0
		}
	}
	holders, asked := calls[:len(calls)-1], calls[len(calls)-1]
	f := finding.Finding{
		Rule: finding.RuleStuck, Certainty: finding.Suspected, Severity: finding.Error,
		Title: fmt.Sprintf("%s waited more than %s for the lock that is held since %s",
			asked.Stack.Site(), finding.FormatDuration(w.Timeout), holders[0].Stack.Site()),
		Detail:    "go-deadlock measured the wait. The holder may be slow, or wait for something that never happens.",
		Resources: []finding.Resource{asked.resource()},
		Fix:       "look at what the holder does after it acquired the lock: a path that returns without Unlock, a wait for I/O or for a goroutine that needs the lock",
		LostNanos: int64(w.Timeout / time.Nanosecond),
	}
	for _, h := range holders {
		f.Goroutines = append(f.Goroutines, finding.Goroutine{ID: h.Goroutine, Holds: []finding.Hold{{Resource: 0, Mode: h.mode(), Stack: h.Stack}}})
	}
	f.Goroutines = append(f.Goroutines, finding.Goroutine{ID: asked.Goroutine,
		Wait: &finding.Wait{Resource: 0, Mode: asked.mode(), Stack: asked.Stack, Nanos: int64(w.Timeout)}})
	return f
}
