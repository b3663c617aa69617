package truth

import (
	"bytes"
	"strings"
	"sync"
	"time"

	"github.com/google/pprof/profile"

	"github.com/concdoctor/concdoctor/analyzer/render"
)

// asPprof is the report as go tool pprof reads it.
func asPprof(o *Outcome) *profile.Profile {
	var b bytes.Buffer
	if err := render.Write(&b, o.Report, render.Options{Format: "pprof"}); err != nil {
		panic(err)
	}
	p, err := profile.ParseData(b.Bytes())
	if err != nil {
		panic(err)
	}
	return p
}

// profiled are the reasons that block profiles show: neither sleeps nor the network
// nor system calls are in one.
var profiled = map[string]bool{
	"mutex": true, "rwmutex read lock": true, "rwmutex write lock": true, "once": true, "internal lock": true, "wait group": true,
	"cond": true, "semaphore": true, "channel send": true, "channel receive": true, "select": true, "forever": true, "several": true,
}

// totals is what the run's block profile and the report in pprof's form say was blocked.
func totals(o *Outcome) (truth, said float64) {
	for _, s := range o.Block.Sample {
		if root := s.Location[len(s.Location)-1].Line[0].Function.Name; root == "runtime.main" || !strings.HasPrefix(root, "runtime.") {
			truth += float64(s.Value[1]) // the tracer has goroutines of its own
		}
	}
	for _, s := range asPprof(o).Sample {
		if profiled[s.Label["reason"][0]] {
			said += float64(s.Value[1])
		}
	}
	return truth, said
}

// big and small are two locks that a goroutine holds while another one waits for it: the one
// for long, the other too shortly for a finding.
type (
	big   struct{ mu sync.Mutex }
	small struct{ mu sync.Mutex }
)

func (b *big) keep(waits func())   { b.mu.Lock(); waits(); b.mu.Unlock() }
func (b *big) pass()               { b.mu.Lock(); b.mu.Unlock() }
func (s *small) keep(waits func()) { s.mu.Lock(); waits(); s.mu.Unlock() }
func (s *small) pass()             { s.mu.Lock(); s.mu.Unlock() }

// holds runs pass while keep holds the lock, until it has waited for the time.
func holds(keep func(func()), pass func(), name string, wait time.Duration) {
	locked := make(chan struct{})
	together(
		func() {
			keep(func() {
				close(locked)
				await(func(c census) bool { return c.in(name, "sync.Mutex.Lock") == 1 })
				time.Sleep(wait)
			})
		},
		func() { <-locked; pass() },
	)
}

// waitAll waits in every way that a block profile shows, and all waits end.
func waitAll(*Journal) {
	const while = 15 * time.Millisecond
	c, d := make(chan int), make(chan int)
	together(
		func() { time.Sleep(while); c <- 1; time.Sleep(while); <-c },
		func() { <-c; c <- 1 },
	)
	together(
		func() { time.Sleep(while); close(d) },
		func() {
			select {
			case <-c:
			case <-d:
			}
		},
	)
	cond, ready := sync.NewCond(new(sync.Mutex)), false
	together(
		func() { time.Sleep(while); cond.L.Lock(); ready = true; cond.L.Unlock(); cond.Broadcast() },
		func() {
			cond.L.Lock()
			for !ready {
				cond.Wait()
			}
			cond.L.Unlock()
		},
	)
	var rw sync.RWMutex
	together(
		func() { rw.RLock(); time.Sleep(while); rw.RUnlock() },
		func() { time.Sleep(while / 3); rw.Lock(); time.Sleep(while); rw.Unlock() },
		func() { time.Sleep(while / 2); rw.RLock(); rw.RUnlock() },
	)
	b, s := new(big), new(small)
	holds(b.keep, b.pass, "(*big).pass", 20*while)
	holds(s.keep, s.pass, "(*small).pass", 2*while/5)
}

// totalFigure compares the totals. It is for programs whose waits are all over at the
// end, which alone a block profile counts, and that have no more processors than the
// machine: of a goroutine that was woken for a semaphore and found it taken the profile
// counts one wait with the time between, the trace two.
func totalFigure(o *Outcome) Figure {
	truth, said := totals(o)
	return Nanos("blocked in all, block profile", truth, said, waitTolerance)
}

func totalPrograms() []Program {
	blame := func(o *Outcome, function string) Figure {
		said := 0.0
		for _, s := range asPprof(o).Sample {
			if short(s.Location[0].Line[0].Function.Name) == function {
				said += float64(s.Value[2])
			}
		}
		return Nanos("blame of "+function+", mutex profile", blocked(o.Mutex, function, "Mutex).Unlock"), said, blameTolerance)
	}
	return []Program{{Name: "waits of all kinds", Run: waitAll, Figures: func(o *Outcome) []Figure {
		return []Figure{totalFigure(o), blame(o, "(*big).keep"), blame(o, "(*small).keep")}
	}}}
}
