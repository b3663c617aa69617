//go:build !concdoctor_off

package suite

import (
	"context"
	"net"
	"time"
)

// aliveScenarios are programs that wait for long and go on: another goroutine will end each
// wait.
var aliveScenarios = []scenario{
	{
		name: "a slow consumer", truth: harmless, kinds: []string{oneKind},
		program: func(s *stage) {
			c := s.channel(0)
			s.together(func() {
				for i := range 3 {
					sendTo(c, i)
				}
				c.Close()
			}, func() {
				for range 3 {
					time.Sleep(1500 * time.Millisecond) // it is slow, that is all
					receiveFrom(c)
				}
			})
		},
	},
	{
		name: "contexts that are cancelled", truth: harmless, kinds: []string{oneKind},
		program: func(s *stage) {
			c := s.channel(0)
			ctx, cancel := context.WithTimeout(context.Background(), 2500*time.Millisecond)
			defer cancel()
			wait := func() {
				if _, _, err := c.RecvContext(ctx); err == nil {
					panic("a message from nobody")
				}
			}
			s.together(wait, wait, wait)
		},
	},
	{
		name: "workers without work, and a server that waits for the network", truth: harmless, kinds: bothLocks,
		program: func(s *stage) {
			l, jobs, results := s.lock(), s.channel(0), s.channel(0)
			for range 3 {
				s.spawn(func() {
					for receiveFrom(jobs) != 0 {
						takeFirst(l)
						l.Unlock()
						sendTo(results, 1)
					}
				})
			}
			request := func() {
				sendTo(jobs, 1)
				receiveFrom(results)
			}
			request()
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				panic(err)
			}
			go func() {
				time.Sleep(2500 * time.Millisecond) // nothing to do, that is all
				conn, err := net.Dial("tcp", listener.Addr().String())
				if err != nil {
					panic(err)
				}
				conn.Close()
			}()
			if _, err := listener.Accept(); err != nil {
				panic(err)
			}
			request()
			for range 3 {
				sendTo(jobs, 0)
			}
		},
	},
}
