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

// detector is all that goroutines share. A process has one, since locks of different
// packages can deadlock with each other.
type detector struct {
	// off is set when detection gives up or is turned off, and stays set: the locks then
	// behave as those of package sync.
	off       atomic.Bool
	states    states
	chains    chains
	order     order
	registry  registry
	scanner   scanner
	usages    usages
	sink      sink
	copies    copies
	names     names
	handovers handovers
	signals   signalPlaces
	failures  sync.Map // failure -> fingerprint

	edges      edges
	statistics statistics
}

var std detector

func init() {
	std.states.table.Store(newStateTable(firstStates))
	std.order.init()
	cfg, err := policy.ParseEnvironment(os.Getenv(policy.EnvironmentVariable))
	if err != nil {
		fmt.Fprintf(os.Stderr, "concdoctor: %s: %v\n", policy.EnvironmentVariable, err)
	}
	std.sink.Configure(cfg)
	std.order.bound(std.sink.Options().MaxMemory)
	SetStatistics(cfg.Statistics)
	if cfg.Off {
		std.switchOff()
	}
	if fastExpected && (!gid.Fast || !callers.Fast) {
		fmt.Fprintf(os.Stderr, "concdoctor: this Go release is unknown to the agent (goroutine id found: %t, frame pointers: %t): detection works, but locks cost some microseconds\n", gid.Fast, callers.Fast)
	}
}

// switchOff ends detection. Locks read off only if the cache of states does not serve them.
// So the cache is emptied after off is set, and states.slow reads off after it has filled
// an entry: one of the two sees the other.
func (d *detector) switchOff() (first bool) {
	if !d.off.CompareAndSwap(false, true) {
		return false
	}
	for i := range d.states.cache {
		d.states.cache[i].Store(nil)
	}
	return true
}

// giveUp ends detection because an invariant of the engine does not hold. It says so once, and
// the program goes on.
func (d *detector) giveUp(why any) {
	if d.switchOff() {
		fmt.Fprintf(os.Stderr, "concdoctor: detection is off from here on, please report this: %v\n", why)
	}
}

// protect calls f, one of the engine's slow paths. A panic ends detection, and not the
// program.
func (d *detector) protect(f func()) {
	defer func() {
		if r := recover(); r != nil {
			d.giveUp(r)
		}
	}()
	f()
}

// Configure replaces the options.
func Configure(o policy.Options) {
	std.sink.Configure(o)
	std.scanner.configured()
	std.order.bound(std.sink.Options().MaxMemory)
	SetStatistics(o.Statistics)
	if o.Off {
		std.switchOff()
	}
}

// OnFinding calls f for each distinct finding from now on; stop ends that.
func OnFinding(f func(finding.Finding)) (stop func()) { return std.sink.Subscribe(f) }

// Findings returns the distinct findings so far.
func Findings() []finding.Finding { return std.sink.Findings() }
