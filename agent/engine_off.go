//go:build concdoctor_off

package agent

import "unsafe"

// In this build a channel knows nothing of itself, and nothing is known of waits.
type engineChan struct{}

type goroutine struct{}

type message struct{}

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

func (c *engineChan) Made(unsafe.Pointer)                 {}
func (c *engineChan) Use(side) *goroutine                 { return nil }
func (c *engineChan) IsClosed() bool                      { return false }
func (c *engineChan) SendPanics()                         {}
func (c *engineChan) Block(*goroutine, waitOp, side)      {}
func (c *engineChan) Received(*goroutine, *message, bool) {}
func (c *engineChan) Awaited(*goroutine, *message, bool)  {}
func (g *goroutine) Unblock()                             {}
func (g *goroutine) Message() *message                    { return nil }
func (m *message) Sent(*goroutine)                        {}

func (p *pipe) close() { close(p.items) }

func useCases([]Case) *goroutine    { return nil }
func blockCases(*goroutine, []Case) {}
func sendCasesPanic([]Case)         {}
func blockForEver(waitOp)           {}

// engineLoop does nothing in this build: a loop is a trace region and nothing else.
type engineLoop struct{}

func (engineLoop) Start(string) {}
func (engineLoop) Begin()       {}
func (engineLoop) End()         {}
