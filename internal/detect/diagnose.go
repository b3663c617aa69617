package detect

import (
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/judge/hang"
)

// Resource returns the object as findings show it, whatever its use.
func (o *description) Resource(finding.Mode, finding.Stack) finding.Resource { return o.resource() }

func (o *description) resource() finding.Resource {
	return finding.Resource{Kind: o.kind, Name: o.mark.Load().text(), Class: callers.Expand(o.firstUse[:]).Site(), Address: uint64(o.addr)}
}

func stackOf(pcs []uintptr) finding.Stack { return callers.Expand(pcs).Trim() }

// creatorOf returns the go statement at pc, as findings show it.
func creatorOf(pc uintptr) finding.Frame { return judge.Created(judge.Expand(creation(pc))) }

// facts are goroutines each of which waits for a lock that the next one holds.
func facts(waits []*lockWait, now time.Time) []hang.Goroutine {
	ring := make([]hang.Goroutine, len(waits))
	for i, w := range waits {
		ring[i] = w.fact(now)
	}
	addHeirs(ring)
	return ring
}

func (w *lockWait) fact(now time.Time) hang.Goroutine {
	mode := judge.ModeOf(w.mode)
	g := hang.Goroutine{ID: w.node.Goroutine, Created: creation(w.creator), Wait: &hang.Wait{
		Mode: mode, Cases: []hang.Case{{Object: w.lock.description, Mode: mode}}, Stack: pcs(w.stack),
		Lasted: now.Sub(w.since), Unowned: w.lock.description.ownerless.Load(),
	}}
	for i := range w.holds {
		g.Holds = append(g.Holds, w.holds[i].fact())
	}
	return g
}
