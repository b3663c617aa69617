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

// watchdog looks at a loop whose iteration has lasted for loopPatience, and says
// where it is.
type Watchdog struct {
	loop  string // its name
	timer *time.Timer
	// turn counts the begins and ends of iterations: it is odd while one runs.
	turn atomic.Uint64
	// mu protects what follows. It is a leaf: nothing else is locked under it.
	mu      sync.Mutex
	armed   uint64 // the turn of the iteration that the timer is set for
	id      uint64 // the goroutine of that iteration
	since   time.Time
	handler callers.Short
}

// loopPatience is how long a handler may keep its loop before it is an error: a
// person notices a tenth of a second.
const loopPatience = 100 * time.Millisecond

func (w *Watchdog) Start(loop string) { w.loop = loop }

func (w *Watchdog) Begin() {
	turn := w.turn.Add(1)
	if std.off.Load() || inBubble() {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed, w.since = turn, time.Now()
	if g := Current(); g != nil {
		w.id = g.identity()
	} else {
		w.id = gid.Slow()
	}
	callers.Take(&w.handler)
	if w.timer == nil {
		w.timer = time.AfterFunc(loopPatience, w.bark)
	} else {
		w.timer.Reset(loopPatience)
	}
}

func (w *Watchdog) End() {
	w.turn.Add(1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer != nil {
		w.timer.Stop()
	}
}

// bark runs when the timer has expired. The iteration may have ended meanwhile, so
// the turn is asked before the dump is taken and after it.
func (w *Watchdog) bark() {
	w.mu.Lock()
	turn, id, since, handler := w.armed, w.id, w.since, w.handler
	w.mu.Unlock()
	if std.off.Load() || w.turn.Load() != turn {
		return
	}
	all, _ := goroutines.Take()
	i := slices.IndexFunc(all, func(g dump.Goroutine) bool { return g.ID == id })
	if i < 0 || w.turn.Load() != turn {
		return
	}
	std.protect(func() { std.sink.report(loopFinding(w.loop, &all[i], handler, time.Since(since))) })
}

// loopFinding is the diagnosis of a loop that was seen away from its events.
func loopFinding(name string, at *dump.Goroutine, handler callers.Short, away time.Duration) finding.Finding {
	stack := at.Stack.Trim()
	f := finding.Finding{
		Rule: finding.RuleLoopBlocked, Certainty: finding.Observed, Severity: finding.Error,
		Title:      fmt.Sprintf("the loop %s is kept by %s", name, stack.User()),
		Detail:     "It was looked at while its handler had not returned for longer than anybody should wait for an event.",
		Resources:  []finding.Resource{{Kind: finding.Loop, Name: name, Class: callers.Expand(handler[:]).Site()}},
		Goroutines: []finding.Goroutine{{ID: at.ID, State: at.State, Stack: stack, Created: at.Created}},
		Measures:   []finding.Measure{finding.Duration("away for more than", away)},
		Fix:        "hand what waits to a goroutine of its own and let it post its result as an event; cut long computing into pieces",
	}
	return f
}
