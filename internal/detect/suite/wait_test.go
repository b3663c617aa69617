//go:build !concdoctor_off

package suite

import "github.com/concdoctor/concdoctor/agent/finding"

// waitScenarios are programs that hang on more than locks.
var waitScenarios = []scenario{
	{
		name: "a lock that its holder took with it", truth: hangs, kinds: bothLocks, ends: "abandoned-lock",
		want: []brief{{
			"abandoned-lock", "potential", []finding.ResourceKind{stageLock}, []string{"takeFirst"}, []string{"takeSecond"},
		}},
		program: func(s *stage) {
			a := s.lock()
			inTurn(func() { takeFirst(a) })
			takeSecond(a)
		},
	},
	{
		name: "a lock held while waiting for a message whose sender needs it", truth: hangs, kinds: bothLocks, ends: "deadlock",
		want: []brief{{
			"deadlock", "suspected", []finding.ResourceKind{finding.Channel, stageLock}, []string{"takeFirst"}, []string{"receiveFrom", "takeSecond"},
		}},
		program: func(s *stage) {
			a, c := s.lock(), s.channel(0)
			locked := make(chan bool)
			s.together(func() {
				takeFirst(a)
				close(locked)
				receiveFrom(c)
				a.Unlock()
			}, func() {
				<-locked
				takeSecond(a)
				sendTo(c, 1)
				a.Unlock()
			})
		},
	},
	{
		name: "the same with a sender that was seen before, and an outsider", truth: hangs, kinds: bothLocks, ends: "deadlock",
		want: []brief{{
			"deadlock", "suspected", []finding.ResourceKind{finding.Channel, stageLock}, []string{"takeFirst"}, []string{"receiveFrom", "takeSecond"},
		}},
		program: func(s *stage) {
			a, c := s.lock(), s.channel(0)
			locked := make(chan bool)
			go func() {
				receiveFrom(c)
				takeFirst(a)
				close(locked)
				receiveFrom(c)
				a.Unlock()
			}()
			go func() {
				sendTo(c, 1)
				<-locked
				takeSecond(a)
				sendTo(c, 2)
				a.Unlock()
			}()
			select {} // it made the channel, lives, and is not known to wait
		},
	},
	{
		name: "a lock held while waiting for a group whose Done needs it", truth: hangs, kinds: bothLocks, ends: "deadlock",
		want: []brief{{
			"deadlock", "potential", []finding.ResourceKind{stageLock, finding.WaitGroup}, []string{"takeFirst"}, []string{"takeSecond", "waitFor"},
		}},
		program: func(s *stage) {
			a, g := s.lock(), s.group()
			takeFirst(a)
			g.Add(1)
			s.spawn(func() {
				takeSecond(a)
				a.Unlock()
				g.Done()
			})
			waitFor(g)
		},
	},
	{
		name: "the same with Go", truth: hangs, kinds: bothLocks, ends: "deadlock",
		want: []brief{{
			"deadlock", "observed", []finding.ResourceKind{stageLock, finding.WaitGroup}, []string{"startIn", "takeFirst"}, []string{"takeSecond", "waitFor"},
		}, {
			"lock-cycle", "potential", []finding.ResourceKind{stageLock, finding.WaitGroup}, []string{"startIn", "takeFirst"}, []string{"takeSecond", "waitFor"},
		}},
		program: func(s *stage) {
			a, g := s.lock(), s.group()
			takeFirst(a)
			startIn(g, func() {
				takeSecond(a)
				a.Unlock()
			})
			waitFor(g)
		},
	},
	{
		name: "channels in a ring", truth: hangs, kinds: []string{oneKind}, ends: "deadlock",
		want: []brief{{
			"deadlock", "suspected", []finding.ResourceKind{finding.Channel, finding.Channel}, nil, []string{"receiveFrom", "receiveFrom"},
		}},
		program: func(s *stage) {
			c, d := s.channel(0), s.channel(0)
			s.together(func() {
				receiveFrom(c)
				sendTo(d, 1)
			}, func() {
				receiveFrom(d)
				sendTo(c, 1)
			})
		},
	},
	{
		name: "Once from inside itself", truth: hangs, kinds: []string{oneKind}, ends: "self-deadlock",
		want: []brief{{
			"self-deadlock", "observed", []finding.ResourceKind{finding.Once}, []string{"doFirst"}, []string{"doSecond"},
		}},
		program: func(s *stage) {
			o := s.once()
			doFirst(o, func() { doSecond(o, func() {}) })
		},
	},
	{
		name: "two Onces that need each other", truth: hangs, kinds: []string{oneKind}, ends: "deadlock",
		want: []brief{{
			"deadlock", "observed", []finding.ResourceKind{finding.Once, finding.Once}, []string{"doFirst", "doFirst"}, []string{"doSecond", "doSecond"},
		}, {
			"lock-cycle", "potential", []finding.ResourceKind{finding.Once, finding.Once}, []string{"doFirst", "doFirst"}, []string{"doSecond", "doSecond"},
		}},
		program: func(s *stage) {
			o, p := s.once(), s.once()
			meet := meeting(2)
			s.together(func() {
				doFirst(o, func() { meet(); doSecond(p, func() {}) })
			}, func() {
				doFirst(p, func() { meet(); doSecond(o, func() {}) })
			})
		},
	},
	{
		name: "a lost signal", truth: hangs, kinds: bothLocks, ends: "stuck",
		want: []brief{{ // and the goroutine that waits for the waiter
			"stuck", "potential", []finding.ResourceKind{finding.Cond, finding.WaitGroup}, nil, []string{"waitFor", "waitSignal"},
		}},
		program: func(s *stage) {
			l := s.lock()
			c := s.cond(l)
			s.together(func() {
				inTurn(c.Signal) // no goroutine waits yet
				takeFirst(l)
				waitSignal(c)
				l.Unlock()
			})
		},
	},
	{
		name: "nested monitor", truth: hangs, kinds: bothLocks, ends: "deadlock",
		want: []brief{{
			"deadlock", "suspected", []finding.ResourceKind{finding.Cond, stageLock}, []string{"takeFirst"}, []string{"takeSecond", "waitSignal"},
		}},
		program: func(s *stage) {
			outer, l := s.lock(), s.lock()
			c := s.cond(l)
			locked := make(chan bool)
			s.together(func() {
				takeFirst(outer)
				l.Lock()
				close(locked)
				waitSignal(c) // gives l back, and keeps outer
				l.Unlock()
				outer.Unlock()
			}, func() {
				<-locked
				takeSecond(outer)
				c.Signal()
				outer.Unlock()
			})
		},
	},
}
