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

func (s *sensor) made(unsafe.Pointer)                {}
func (s *sensor) use(side) *goroutine                { return nil }
func (s *sensor) isClosed() bool                     { return false }
func (p *pipe) close()                               { close(p.items) }
func (s *sensor) sendPanics()                        {}
func (g *goroutine) blockAt(waitOp, *sensor, side)   {}
func (g *goroutine) endBlock()                       {}
func (g *goroutine) slip() *parcel                   { return nil }
func (p *parcel) sign(*goroutine)                    {}
func (s *sensor) received(*goroutine, *parcel, bool) {}
func (s *sensor) awaited(*goroutine, *parcel, bool)  {}
func blockCases(*goroutine, []Case)                  {}
func useCases([]Case) *goroutine                     { return nil }
func sendCasesPanic([]Case)                          {}

func sayNil(waitOp) {}
