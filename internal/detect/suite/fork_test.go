//go:build !concdoctor_off

package suite

// forkScenarios are programs that take two locks in both orders and have an order by
// other means: go statements, wait groups, channels. Where it keeps the two sides
// apart each time they are harmless.
var forkScenarios = []scenario{
	{
		name: "both orders, one before the go statement of the other", truth: harmless, kinds: bothLocks,
		program: func(s *stage) {
			a, b := s.lock(), s.lock()
			nest(a, b)()
			end := make(chan bool)
			s.spawn(func() {
				defer close(end)
				nest(b, a)()
			})
			<-end
		},
	},
	{
		name: "both orders, one before the go statement of a group", truth: harmless, kinds: bothLocks,
		program: func(s *stage) {
			a, b := s.lock(), s.lock()
			nest(a, b)()
			s.together(nest(b, a))
		},
	},
	{
		name: "both orders, in goroutines of which the first is awaited", truth: harmless, kinds: bothLocks,
		program: func(s *stage) {
			a, b := s.lock(), s.lock()
			s.together(nest(a, b), nest(a, b))
			s.together(nest(b, a), nest(b, a))
		},
	},
	{
		name: "both orders, one before a Done and one after the Wait", truth: harmless, kinds: bothLocks,
		program: func(s *stage) {
			a, b := s.lock(), s.lock()
			all := s.group()
			all.Add(1)
			s.spawn(func() {
				defer all.Done()
				nest(a, b)()
			})
			all.Wait()
			nest(b, a)()
		},
	},
	{
		name: "both orders, one before a message and one after it", truth: harmless, kinds: bothLocks,
		program: func(s *stage) {
			a, b := s.lock(), s.lock()
			messages := s.channel(0)
			s.spawn(func() {
				nest(a, b)()
				messages.Send(1)
			})
			messages.Recv()
			nest(b, a)()
		},
	},
	{
		name: "both orders, one before a close and one after it is seen", truth: harmless, kinds: bothLocks,
		program: func(s *stage) {
			a, b := s.lock(), s.lock()
			messages := s.channel(1)
			s.spawn(func() {
				nest(a, b)()
				messages.Close()
			})
			messages.Recv()
			nest(b, a)()
		},
	},
	{
		name: "both orders, in stages of a pipeline that the message passes", truth: harmless, kinds: bothLocks,
		program: func(s *stage) {
			a, b := s.lock(), s.lock()
			first, second := s.channel(0), s.channel(2)
			s.spawn(func() {
				nest(a, b)()
				first.Send(1)
			})
			s.spawn(func() { second.Send(first.Recv()) })
			second.Recv()
			nest(b, a)()
		},
	},
	{
		name: "both orders, by luck one before a message and one after it", truth: canHang, kinds: bothLocks,
		want: []brief{ring("lock-cycle", "potential", 2)},
		program: func(s *stage) {
			a, b := s.lock(), s.lock()
			messages, chance := s.channel(1), new(luck)
			s.spawn(func() {
				messages.Send(1)
				nest(a, b)()
				chance.comes()
			})
			messages.Recv()
			chance.await()
			nest(b, a)()
		},
	},
	{
		name: "both orders, in goroutines of one group", truth: canHang, kinds: bothLocks,
		want: []brief{ring("lock-cycle", "potential", 2)},
		program: func(s *stage) {
			a, b := s.lock(), s.lock()
			chance := new(luck)
			s.together(func() {
				nest(a, b)()
				chance.comes()
			}, func() {
				chance.await()
				nest(b, a)()
			})
		},
	},
	{
		name: "both orders, apart at first and not later", truth: canHang, kinds: bothLocks,
		want: []brief{ring("lock-cycle", "potential", 2)},
		program: func(s *stage) {
			a, b := s.lock(), s.lock()
			for range 3 { // known, each time before what comes
				nest(a, b)()
			}
			all, chance := s.group(), new(luck)
			all.Go(func() {
				nest(b, a)()
				chance.comes()
			})
			chance.await()
			nest(a, b)() // the group is not awaited yet
			all.Wait()
		},
	},
}
