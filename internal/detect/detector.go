package detect

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
	"github.com/concdoctor/concdoctor/internal/detect/policy"
)

// detector is everything that is shared between goroutines. There is one in a
// process, as there is one scheduler: locks of different packages deadlock with
// each other.
type detector struct {
	// off is set for good when detection gives up or is switched off: a lock then
	// is sync's and nothing else.
	off      atomic.Bool
	states   states
	chains   chains
	order    order
	registry registry
	watch    watch
	usages   usages
	sink     sink
	copies   copies
	names    names
	failures sync.Map // failure -> fingerprint

	edges      edges
	statistics statistics
}

var std detector

func init() {
	std.states.table.Store(newStateTable(firstStates))
	std.order.clear()
	cfg, err := policy.ParseEnvironment(os.Getenv(policy.EnvironmentVariable))
	if err != nil {
		fmt.Fprintf(os.Stderr, "concdoctor: %s: %v\n", policy.EnvironmentVariable, err)
	}
	std.sink.Configure(cfg)
	SetStatistics(cfg.Statistics)
	if cfg.Off {
		std.switchOff()
	}
	if fastExpected && (!gid.Fast || !callers.Fast) {
		fmt.Fprintf(os.Stderr, "concdoctor: this Go release is unknown to the agent (goroutine id found: %t, frame pointers: %t): detection works, but locks cost some microseconds\n", gid.Fast, callers.Fast)
	}
}

// switchOff ends detection. Locks ask for off only where the cache of states does
// not serve them, so the cache is emptied after off is set, and states.slow, which
// fills it, looks at off after it has: one of the two sees the other.
func (d *detector) switchOff() (first bool) {
	if !d.off.CompareAndSwap(false, true) {
		return false
	}
	for i := range d.states.cache {
		d.states.cache[i].Store(nil)
	}
	return true
}

// giveUp switches detection off because an invariant of ours does not hold, says
// so once, and leaves the program running.
func (d *detector) giveUp(why any) {
	if d.switchOff() {
		fmt.Fprintf(os.Stderr, "concdoctor: detection is off from here on, please report this: %v\n", why)
	}
}

// protect runs one of the detector's slow paths; a panic of ours ends detection
// and not the program.
func (d *detector) protect(f func()) {
	defer func() {
		if r := recover(); r != nil {
			d.giveUp(r)
		}
	}()
	f()
}

// Configure says what becomes of findings from now on.
func Configure(o policy.Options) {
	std.sink.Configure(o)
	std.watch.configured()
	SetStatistics(o.Statistics)
	if o.Off {
		std.switchOff()
	}
}

// OnFinding calls f for each distinct finding from now on; stop takes f back.
func OnFinding(f func(finding.Finding)) (stop func()) { return std.sink.Subscribe(f) }

// Findings returns each distinct finding so far.
func Findings() []finding.Finding { return std.sink.Findings() }
