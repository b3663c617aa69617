package detect

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
	"github.com/concdoctor/concdoctor/internal/detect/goroutines"
	"github.com/concdoctor/concdoctor/internal/dump"
)

// Loop is the watchdog of an event loop. It reports where the loop is when an iteration has
// lasted for loopPatience.
type Loop struct {
	name  string
	timer *time.Timer
	// turn counts the starts and ends of iterations: it is odd while one runs.
	turn atomic.Uint64
	// mu protects what follows. It is a leaf: nothing else is locked under it.
	mu      sync.Mutex
	armed   uint64 // the turn of the iteration for which the timer is set
	id      uint64 // the goroutine of that iteration
	since   time.Time
	handler callers.Short
}

// loopPatience is how long an iteration may take before it is an error: people notice a
// tenth of a second.
const loopPatience = 100 * time.Millisecond

// Start gives the loop its name, before its first iteration.
func (l *Loop) Start(name string) { l.name = name }

// Begin notes that an iteration starts.
func (l *Loop) Begin() {
	turn := l.turn.Add(1)
	if std.off.Load() || inBubble() {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.armed, l.since = turn, time.Now()
	if g := current(); g != nil {
		l.id = g.identity()
	} else {
		l.id = gid.Slow()
	}
	callers.Take(&l.handler)
	if l.timer == nil {
		l.timer = time.AfterFunc(loopPatience, l.expired)
	} else {
		l.timer.Reset(loopPatience)
	}
}

// End notes that the iteration is over.
func (l *Loop) End() {
	l.turn.Add(1)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.timer != nil {
		l.timer.Stop()
	}
}

// expired runs when the timer has expired. The iteration may have ended meanwhile, so the
// turn is read before the dump is taken and after it.
func (l *Loop) expired() {
	l.mu.Lock()
	turn, id, since, handler := l.armed, l.id, l.since, l.handler
	l.mu.Unlock()
	if std.off.Load() || l.turn.Load() != turn {
		return
	}
	all, _ := goroutines.Take()
	i := slices.IndexFunc(all, func(g dump.Goroutine) bool { return g.ID == id })
	if i < 0 || l.turn.Load() != turn {
		return
	}
	std.protect(func() { std.sink.report(loopFinding(l.name, &all[i], handler, time.Since(since))) })
}

// loopFinding is the finding about a loop that does not come back to its events.
func loopFinding(name string, at *dump.Goroutine, handler callers.Short, away time.Duration) finding.Finding {
	stack := at.Stack.Trim()
	f := finding.Finding{
		Rule: finding.RuleLoopBlocked, Certainty: finding.Observed, Severity: finding.Error,
		Title:      fmt.Sprintf("the loop %s is kept by %s", name, stack.User()),
		Detail:     "Its handler had been running for so long that the next events wait.",
		Resources:  []finding.Resource{{Kind: finding.Loop, Name: name, Class: callers.Expand(handler[:]).Site()}},
		Goroutines: []finding.Goroutine{{ID: at.ID, State: at.State, Stack: stack, Created: at.Created}},
		Measures:   []finding.Measure{finding.Duration("away for more than", away)},
		Fix:        "hand what waits to a goroutine of its own and let it post its result as an event; cut long computing into pieces",
	}
	return f
}
