package agent

import (
	"context"
	"runtime/trace"
)

// loopRegion is the prefix of the name of the trace region of an iteration. The
// analyzer knows a loop by it.
const loopRegion = "concdoctor.loop "

// Loop marks an event loop: a goroutine that takes one event after another and handles
// each to the end, while the next ones wait. Each iteration is a region of the execution
// trace, so that the analyzer need not infer the loop. An iteration that takes longer than
// 100 ms is reported while it runs, with the line at which it is (rule loop-blocked).
//
//	loop := agent.NewLoop("connections")
//	for event := range events {
//		loop.Handle(func() { handle(event) })
//	}
//
// One goroutine at a time may use a Loop. It must not be nil.
type Loop struct {
	region string
	engine engineLoop
}

// NewLoop returns a Loop with the name that reports show.
func NewLoop(name string) *Loop {
	l := &Loop{region: loopRegion + name}
	l.engine.Start(name)
	return l
}

// Handle calls f as one iteration of the loop. The iteration ends also if f panics.
func (l *Loop) Handle(f func()) {
	defer trace.StartRegion(context.Background(), l.region).End()
	l.engine.Begin()
	defer l.engine.End()
	f()
}
