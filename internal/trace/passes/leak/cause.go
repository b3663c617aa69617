package leak

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// family tells why nobody is left for a group that is stuck.
func (v verdict) family() string {
	switch v.line.far {
	case near:
		return "waits at this line are ended by goroutines that the waiter started, and all that these started have ended"
	case near + 1:
		return "waits at this line are ended by who started the waiter, or by others whom that one started: all of them have ended"
	}
	return "waits at this line are ended by goroutines with a near ancestor in common: it has ended, and so have all others that descend from it"
}

// kept tells what the trace shows of a lock that its holder took away.
func (p *pass) kept(v verdict) string {
	g := v.members[0].abandoned
	text := fmt.Sprintf("goroutine %d got the lock from an unlock while others stood behind it in the queue, and ended %s later without one that woke them",
		g.holder, finding.FormatDuration(g.gone-g.got))
	if v.members[0].doubt != noDoubt {
		return text + "; others ran meanwhile, and one of them could have taken the lock just then and hold it still"
	}
	return text + "; nobody who is alive and does not wait for it could have taken it since"
}

// holders adds those that ended with the locks.
func (p *pass) holders(v verdict, f *finding.Finding) {
	if v.rule != finding.RuleAbandonedLock {
		return
	}
	told := make(map[*grant]bool)
	for i := range v.members {
		g := v.members[i].abandoned
		if told[g] || len(told) == shownGoroutines {
			continue
		}
		told[g] = true
		f.Goroutines = append(f.Goroutines, finding.Goroutine{ID: g.holder, State: fmt.Sprintf("ended with the lock %s before", finding.FormatDuration(p.tr.Now-g.gone))})
		if len(told) == 1 {
			f.Places = append(f.Places, finding.Place{Role: "taken here and kept", Stack: p.tr.Stack(g.stack).Trim()})
		}
	}
}
