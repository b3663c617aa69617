//go:build !race && !concdoctor_portable

package agent_test

import (
	"testing"

	"github.com/concdoctor/concdoctor/agent"
)

// With the race detector pooled requests are not used again, and the portable build asks the
// runtime for the text of a stack.
func TestSelectAllocatesNothing(t *testing.T) {
	c, d := agent.MakeChan[int](1), agent.MakeChan[big](1)
	ping, pong := agent.MakeChan[int](0), agent.MakeChan[int](0)
	go func() {
		for v := range ping.All() {
			pong.Send(v)
		}
	}()
	defer ping.Close()
	done := t.Context().Done()
	if n := testing.AllocsPerRun(1000, func() {
		v, b, ok := 1, big{}, false
		agent.Select(c.OnSend(&v), agent.OnRecv(done, nil))
		agent.Select(c.OnRecvOK(&v, &ok), d.OnRecv(&b), agent.Default())
		d.Send(b)
		d.Recv()
		ping.Send(v)
		agent.Select(pong.OnRecv(&v), c.OnRecv(&v), d.OnRecv(&b), agent.OnRecv(done, nil)) // waits
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
