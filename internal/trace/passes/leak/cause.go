package leak

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// stuckDetail says why no goroutine is left that could wake a group that is stuck.
func (v verdict) stuckDetail() string {
	switch v.line.distance {
	case closest:
		return "Waits at this line are ended by goroutines that the waiter started; these and all that they started have ended."
	case closest + 1:
		return "Waits at this line are ended by the goroutine that started the waiter, or by others that it started; all of these have ended."
	}
	return "Waits at this line are ended by goroutines that have a near ancestor in common with the waiter; the ancestor and all its other descendants have ended."
}

// abandonedDetail says what the trace shows of a lock whose holder ended with it.
func (p *pass) abandonedDetail(v verdict) string {
	g := v.members[0].abandoned
	text := fmt.Sprintf("An unlock handed the lock to goroutine %d while others queued behind it. The goroutine ended %s later without an unlock that woke them.",
		g.holder, finding.FormatDuration(g.gone-g.got))
	if v.members[0].doubt != noDoubt {
		return text + " Others ran meanwhile: one of them could have acquired the lock just then and hold it still."
	}
	return text + " No live goroutine except its waiters could have acquired it since."
}

// holders adds the goroutines that ended with the locks.
func (p *pass) holders(v verdict, f *finding.Finding) {
	if v.rule != finding.RuleAbandonedLock {
		return
	}
	added := make(map[*grant]bool)
	for i := range v.members {
		g := v.members[i].abandoned
		if added[g] || len(added) == shownGoroutines {
			continue
		}
		added[g] = true
		f.Goroutines = append(f.Goroutines, finding.Goroutine{ID: g.holder, State: fmt.Sprintf("ended with the lock %s before the end of the trace", finding.FormatDuration(p.tr.Now-g.gone))})
		if len(added) == 1 {
			f.Places = append(f.Places, finding.Place{Role: "acquired here and not released", Stack: p.tr.Stack(g.stack).Trim()})
		}
	}
}
