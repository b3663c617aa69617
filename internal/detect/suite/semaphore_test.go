//go:build !concdoctor_off

package suite

// semaphoreScenarios use channels with room as semaphores: a goroutine sends before a section
// and receives after it. The agent does not take channels for semaphores.
var semaphoreScenarios = []scenario{
	{
		name: "a lock and a semaphore of one in both orders", truth: canHang, kinds: oneLock,
		program: func(s *stage) {
			l, permits := s.lock(), s.channel(1)
			inTurn(s.underPermit(permits, l), s.permitUnder(permits, l))
		},
	},
	{
		name: "a lock and a semaphore of two in both orders, with two that hold it", truth: canHang, kinds: oneLock,
		program: func(s *stage) {
			l, permits := s.lock(), s.channel(2)
			inTurn(s.underPermit(permits, l), s.underPermit(permits, l), s.permitUnder(permits, l))
		},
	},
	{
		name: "a lock and a semaphore of three in both orders, with two that hold it", truth: harmless, kinds: oneLock,
		program: func(s *stage) {
			l, permits := s.lock(), s.channel(3)
			inTurn(s.underPermit(permits, l), s.underPermit(permits, l), s.permitUnder(permits, l))
		},
	},
	{
		name: "a lock and a permit that is given back by a goroutine which is started with it", truth: canHang, kinds: oneLock,
		program: func(s *stage) {
			l, permits, end := s.lock(), s.channel(1), new(luck)
			inTurn(func() {
				permits.Send(1)
				s.spawn(func() {
					takeSecond(l)
					l.Unlock()
					permits.Recv()
					end.comes()
				})
				end.await()
			}, s.permitUnder(permits, l))
		},
	},
	{
		name: "a semaphore always before a lock", truth: harmless, kinds: oneLock,
		program: func(s *stage) {
			l, permits := s.lock(), s.channel(1)
			inTurn(s.underPermit(permits, l), s.underPermit(permits, l))
		},
	},
	{
		name: "messages in a queue that are sent under a lock which their receiver takes", truth: harmless, kinds: oneLock,
		program: func(s *stage) {
			l, queue := s.lock(), s.channel(3)
			inTurn(func() {
				for i := range 3 {
					takeFirst(l)
					queue.Send(i)
					l.Unlock()
				}
			}, func() {
				for range 3 {
					queue.Recv()
					takeFirst(l)
					l.Unlock()
				}
			})
		},
	},
	{
		name: "both orders of two locks behind a semaphore of one", truth: harmless, kinds: oneLock,
		want: potentialPair,
		program: func(s *stage) {
			p, permits := s.box(), s.channel(1)
			under := func(f func()) func() {
				return func() { permits.Send(1); f(); permits.Recv() }
			}
			inTurn(under(p.forth), under(p.back))
		},
	},
	{
		name: "both orders of two locks behind a semaphore of two", truth: canHang, kinds: oneLock,
		want: potentialPair,
		program: func(s *stage) {
			p, permits := s.box(), s.channel(2)
			under := func(f func()) func() {
				return func() { permits.Send(1); f(); permits.Recv() }
			}
			inTurn(under(p.forth), under(p.back))
		},
	},
}

// underPermit takes a lock while it holds a permit.
func (s *stage) underPermit(permits channel, l locker) func() {
	return func() {
		permits.Send(1)
		takeSecond(l)
		l.Unlock()
		permits.Recv()
	}
}

// permitUnder takes a permit while it holds a lock.
func (s *stage) permitUnder(permits channel, l locker) func() {
	return func() {
		takeFirst(l)
		permits.Send(1)
		permits.Recv()
		l.Unlock()
	}
}
