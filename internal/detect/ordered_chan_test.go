//go:build !concdoctor_off

package detect_test

import (
	"context"
	"slices"
	"testing"

	"github.com/concdoctor/concdoctor/agent"
)

// messages are the ways in which one goroutine tells another one to go on: tell is
// called by the one, heard by the other.
func messages() map[string]func() (tell, heard func()) {
	type empty = struct{}
	return map[string]func() (tell, heard func()){
		"Send": func() (tell, heard func()) {
			c := agent.MakeChan[int](0)
			return func() { c.Send(1) }, func() { c.Recv() }
		},
		"Send without a size": func() (tell, heard func()) {
			c := agent.MakeChan[empty](0)
			return func() { c.Send(empty{}) }, func() { c.Recv() }
		},
		"Send into a buffer": func() (tell, heard func()) {
			c := agent.MakeChan[string](3)
			return func() { c.Send("x") }, func() { c.RecvOK() }
		},
		"Send without a size into a buffer": func() (tell, heard func()) {
			c := agent.MakeChan[empty](1)
			return func() { c.Send(empty{}) }, func() { c.Recv() }
		},
		"Close": func() (tell, heard func()) {
			c := agent.MakeChan[empty](0)
			return c.Close, func() { c.Recv() }
		},
		"Close after a range": func() (tell, heard func()) {
			c := agent.MakeChan[int](1)
			return func() { c.Send(1); c.Close() }, func() {
				for range c.All() {
				}
			}
		},
		"TrySend and TryRecv": func() (tell, heard func()) {
			c := agent.MakeChan[int](1)
			return func() { c.TrySend(1) }, func() {
				for {
					if _, _, ready := c.TryRecv(); ready {
						return
					}
				}
			}
		},
		"Select": func() (tell, heard func()) {
			c, other := agent.MakeChan[int](0), agent.MakeChan[int](0)
			v := 1
			return func() { agent.Select(c.OnSend(&v), other.OnRecv(nil)) },
				func() { agent.Select(c.OnRecv(nil), other.OnRecv(nil)) }
		},
		"Select of many": func() (tell, heard func()) {
			c, other := agent.MakeChan[empty](0), agent.MakeChan[int](0)
			var cases []agent.Case
			for range 20 {
				cases = append(cases, other.OnRecv(nil))
			}
			return func() { agent.Select(append(slices.Clip(cases), c.OnSend(&empty{}))...) },
				func() { agent.Select(append(slices.Clip(cases), c.OnRecv(nil))...) }
		},
		"RecvContext": func() (tell, heard func()) {
			c := agent.MakeChan[int](0)
			return c.Close, func() { _, _, _ = c.RecvContext(context.Background()) }
		},
	}
}

func TestMessagesOrder(t *testing.T) {
	for name, message := range messages() {
		t.Run(name, func(t *testing.T) {
			var a, b locker
			fresh := func() { a, b = new(agent.Mutex), new(agent.Mutex) }
			fresh()
			expect(t, func() {
				tell, heard := message()
				go func() {
					nest(a, b)()
					tell()
				}()
				heard()
				nest(b, a)()
			})
			fresh()
			expect(t, func() { // told too early
				tell, heard := message()
				done := make(chan bool)
				go func() {
					tell()
					nest(a, b)()
					close(done)
				}()
				heard()
				<-done // they must not meet
				nest(b, a)()
			}, opposite("potential"))
			fresh()
			expect(t, func() { // heard too late
				tell, heard := message()
				done := make(chan bool)
				go func() {
					nest(a, b)()
					close(done)
					tell()
				}()
				<-done
				nest(b, a)()
				heard()
			}, opposite("potential"))
			fresh()
			expect(t, func() { // passed on by a goroutine that acquires no lock
				tell, heard := message()
				tell2, heard2 := message()
				go func() {
					nest(a, b)()
					tell()
				}()
				go func() {
					heard()
					tell2()
				}()
				heard2()
				nest(b, a)()
			})
		})
	}
}
