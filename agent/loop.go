package agent

import (
	"context"
	"runtime/trace"
)

// loopRegion is the prefix of the name of the trace region of an iteration. The
// analyzer knows a loop by it.
const loopRegion = "concdoctor.loop "

// Loop marks an event loop: a goroutine that takes one event after another and
// handles each to the end, while all others wait. Each iteration is a region of the
// execution trace, so that the analyzer need not infer the loop; and one that lasts
// is reported while it lasts, with the line that keeps it.
//
//	loop := agent.NewLoop("connections")
//	for event := range events {
//		loop.Handle(func() { handle(event) })
//	}
//
// A Loop serves one goroutine at a time. It must not be nil.
type Loop struct {
	region string
	engine engineLoop
}

// NewLoop returns a mark for the loop with the name, which reports show.
func NewLoop(name string) *Loop {
	l := &Loop{region: loopRegion + name}
	l.engine.Start(name)
	return l
}

// Handle runs f as one iteration, also if f panics.
func (l *Loop) Handle(f func()) {
	defer trace.StartRegion(context.Background(), l.region).End()
	l.engine.Begin()
	defer l.engine.End()
	f()
}
