package demo

import (
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/demo/internal/coarselock"
	"github.com/concdoctor/concdoctor/demo/internal/crowd"
	"github.com/concdoctor/concdoctor/demo/internal/eventloop"
	"github.com/concdoctor/concdoctor/demo/internal/gather"
	"github.com/concdoctor/concdoctor/demo/internal/leak"
	"github.com/concdoctor/concdoctor/demo/internal/lockedio"
)

// The demos of programs that wait: their diseases show in an execution trace.

func goroutineLeak() *Demo {
	serve := func(room int) Program {
		return func(s *Stage) {
			requests := 200
			if s.Brief {
				requests = 40
			}
			s.Note(finding.Number("handlers that gave up", leak.Serve(requests, room, 20*time.Millisecond)))
		}
	}
	return &Demo{
		Name:  "goroutine-leak",
		Title: "a goroutine sends an answer that no goroutine receives any more",
		Story: `A handler asks a slow service and gives up after 5 ms. The goroutine that
asked then sends the late answer on a channel without room, for ever. The
trace shows the goroutines that blocked and were never woken, grouped by where
they were created.
The twin's channel has room for the one answer.`,
		Source: "demo/internal/leak/leak.go",
		Expect: Expectation{
			Rule: finding.RuleGoroutineLeak, Certainty: finding.Potential, By: ByTrace, Where: "leak.Handle.func",
		},
		Sick:  serve(0),
		Twins: []Twin{{"room-for-one", serve(1)}},
	}
}

func coarseLock() *Demo {
	serve := func(shards func() int) Program {
		return func(s *Stage) {
			d := s.Scaled(3 * time.Second)
			visits := coarselock.Serve(coarselock.New(shards()), d)
			s.Note(finding.Measure{Name: "visits", Value: float64(visits) / d.Seconds(), Unit: finding.PerSecond})
		}
	}
	return &Demo{
		Name:  "coarse-lock",
		Title: "one lock for everything makes many goroutines run one at a time",
		Story: `Every visit needs the processor while it holds the table's only lock. There
are goroutines for all processors, but only one ever runs: concurrency without
parallelism.
The twin has a shard with a lock of its own for the pages of each goroutine.`,
		Source: "demo/internal/coarselock/coarselock.go",
		Expect: Expectation{
			Rule: finding.RuleCoarseSection, Certainty: finding.Observed, By: ByTrace, Where: "coarselock.(*Visits).Record",
		},
		Sick:  serve(func() int { return 1 }),
		Twins: []Twin{{"sharded", serve(coarselock.Goroutines)}},
	}
}

func ioUnderLock() *Demo {
	type query = func(c *lockedio.Cache, question int, ask func() string) string
	serve := func(q query) Program {
		return func(s *Stage) {
			questions := 50
			if s.Brief {
				questions = 10
			}
			cache := lockedio.New()
			bound := func(question int, ask func() string) string { return q(cache, question, ask) }
			wall := lockedio.Serve(questions, bound, func() string { return s.Ask(5 * time.Millisecond) })
			s.Note(finding.Duration("all answered in", wall))
		}
	}
	return &Demo{
		Name:  "io-under-lock",
		Title: "a cache asks the network while it holds its lock",
		Story: `Four clients ask a cache, which asks a service that takes 5 ms to answer, with
the cache's lock held. The clients wait for one another's network round trips.
The twin asks without the lock and takes it for the map only.`,
		Source: "demo/internal/lockedio/lockedio.go",
		Expect: Expectation{
			Rule: finding.RuleBlockingUnderLock, Certainty: finding.Observed, By: ByTrace, Where: "lockedio.(*Cache).AskLocked",
		},
		Sick:  serve((*lockedio.Cache).AskLocked),
		Twins: []Twin{{"unlocked", serve((*lockedio.Cache).Ask)}},
	}
}

// eventLoop completes the demo of a loop whose handler does what slow says.
func eventLoop(d Demo, slow func(*Stage) eventloop.Slow) *Demo {
	handle := func(loop func(int, eventloop.Slow) []time.Duration) Program {
		return func(s *Stage) {
			events := 1000
			if s.Brief {
				events = 200
			}
			late := slices.Sorted(slices.Values(loop(events, slow(s))))
			s.Note(finding.Duration("median event late by", late[len(late)/2]))
			s.Note(finding.Duration("latest event late by", late[len(late)-1]))
		}
	}
	d.Source = "demo/internal/eventloop/eventloop.go"
	d.Expect = Expectation{
		Rule: finding.RuleLoopBlocked, Certainty: finding.Potential, By: ByTrace, Where: "eventloop.Inline",
	}
	d.Sick = handle(eventloop.Inline)
	d.Twins = []Twin{{"offloaded", handle(eventloop.Offloaded)}}
	return &d
}

func eventLoopSleep() *Demo {
	return eventLoop(Demo{Name: "event-loop-sleep", Title: "a handler of an event loop sleeps", Story: `Events arrive every 2 ms. Every tenth handler sleeps for 15 ms, and the loop
with it: all events that arrive in the meantime are late.
The twin's loop hands the sleeping to workers and takes their answers as
events.`}, func(*Stage) eventloop.Slow { return eventloop.Nap })
}

func eventLoopCall() *Demo {
	return eventLoop(Demo{Name: "event-loop-call", Title: "a handler of an event loop waits for another service", Story: `As event-loop-sleep, but the handler asks a service over the network and waits
15 ms for the answer, as code does that looks harmless.
The twin's loop hands the question to workers and takes their answers as
events.`}, func(s *Stage) eventloop.Slow { return func() { s.Ask(eventloop.Wait) } })
}

func gatherWaits() *Demo {
	collect := func(f func(time.Duration, func(time.Duration)) time.Duration) Program {
		return func(s *Stage) {
			unit := s.Scaled(time.Second)
			s.Note(finding.Duration("one unit of time", unit))
			s.Note(finding.Duration("all answers after", f(unit, func(d time.Duration) { s.Ask(d) })))
		}
	}
	return &Demo{
		Name:  "gather",
		Title: "three services are asked one after the other",
		Story: `Three services take one, two and three seconds (a tenth of that in the brief
run of all demos). Asked one after the other they take six, although nothing
is computed meanwhile.
The twin asks all three at once and waits three: concurrency without
parallelism.`,
		Source: "demo/internal/gather/gather.go",
		Expect: Expectation{
			Rule: finding.RuleSequentialWaits, Certainty: finding.Suspected, By: ByTrace, Where: "gather.Sequential",
		},
		Sick:  collect(gather.Sequential),
		Twins: []Twin{{"concurrent", collect(gather.Concurrent)}},
	}
}

func cpuOversubscribed() *Demo {
	compute := func(f func(tasks int) time.Duration) Program {
		return func(s *Stage) {
			tasks := 400
			if s.Brief {
				tasks = 100
			}
			s.Note(finding.Duration("all computed in", f(tasks)))
		}
	}
	return &Demo{
		Name:  "cpu-oversubscribed",
		Title: "a goroutine for each of many tasks that need the processor",
		Story: `Every task needs nothing but the processor, and all are started at once. No
more than GOMAXPROCS can run; the rest stand in the queue for a processor, and
everything else in the process with them.
The twin has one worker a processor. It is not faster; its queue is shorter.`,
		Source: "demo/internal/crowd/crowd.go",
		Expect: Expectation{
			Rule: finding.RuleOversubscribed, Certainty: finding.Observed, By: ByTrace, Where: "crowd.GoroutinePerTask",
		},
		Sick:  compute(crowd.GoroutinePerTask),
		Twins: []Twin{{"worker-per-processor", compute(crowd.WorkerPerProcessor)}},
	}
}
