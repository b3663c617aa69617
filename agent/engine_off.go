//go:build concdoctor_off

package agent

import "unsafe"

// In this build a channel knows nothing of itself and nobody is told of waits.
type sensor struct{}

type goroutine struct{}

type parcel struct{}

type waitOp uint8

const (
	opSend waitOp = iota
	opReceive
	opSelect
)

type side uint8

const (
	giving side = iota
	taking
)

func (s *sensor) Made(unsafe.Pointer)                {}
func (s *sensor) Use(side) *goroutine                { return nil }
func (s *sensor) IsClosed() bool                     { return false }
func (p *pipe) close()                               { close(p.items) }
func (s *sensor) SendPanics()                        {}
func (g *goroutine) BlockAt(waitOp, *sensor, side)   {}
func (g *goroutine) EndBlock()                       {}
func (g *goroutine) Slip() *parcel                   { return nil }
func (p *parcel) Sign(*goroutine)                    {}
func (s *sensor) Received(*goroutine, *parcel, bool) {}
func (s *sensor) Awaited(*goroutine, *parcel, bool)  {}
func blockCases(*goroutine, []Case)                  {}
func useCases([]Case) *goroutine                     { return nil }
func sendCasesPanic([]Case)                          {}

func sayNil(waitOp) {}

// watchdog does nothing in this build: a loop is a trace region and nothing else.
type watchdog struct{}

func (watchdog) Start(string) {}
func (watchdog) Begin()       {}
func (watchdog) End()         {}
