//go:build !concdoctor_off

package suite

import (
	"context"
	"time"
)

// box is an object with locks that is passed on.
type box struct{ a, b locker }

func (s *stage) box() *box { return &box{s.lock(), s.lock()} }

func (b *box) forth() { nest(b.a, b.b)() }
func (b *box) back()  { nest(b.b, b.a)() }

// Each healthy program of these has a twin that looks alike and in which the same order is
// luck.

// birthScenarios have an order by go statements through goroutines that have ended, and by
// functions that are called later.
var birthScenarios = []scenario{
	{
		name: "both orders, one before a goroutine that starts the other and ends", truth: harmless, kinds: oneLock,
		program: func(s *stage) {
			p, end := s.box(), new(luck)
			p.forth()
			s.spawn(func() {
				s.spawn(func() { p.back(); end.comes() })
			})
			end.await()
		},
	},
	{
		name: "both orders, one before three generations of which two have ended", truth: harmless, kinds: oneLock,
		program: func(s *stage) {
			p, end := s.box(), new(luck)
			p.forth()
			s.spawn(func() {
				s.spawn(func() {
					s.spawn(func() { p.back(); end.comes() })
				})
			})
			end.await()
		},
	},
	{
		name: "both orders, one by luck before what a goroutine that ends has started", truth: canHang, kinds: oneLock,
		want: potentialPair,
		program: func(s *stage) {
			p, chance, end := s.box(), new(luck), new(luck)
			s.spawn(func() {
				s.spawn(func() { chance.await(); p.back(); end.comes() })
			})
			p.forth()
			chance.comes()
			end.await()
		},
	},
	{
		name: "both orders, one before a function that a timer calls", truth: harmless, kinds: oneLock,
		program: func(s *stage) {
			p, end := s.box(), new(luck)
			p.forth()
			s.after(time.Millisecond, func() { p.back(); end.comes() })
			end.await()
		},
	},
	{
		name: "both orders, one by luck before a function that a timer calls", truth: canHang, kinds: oneLock,
		want: potentialPair,
		program: func(s *stage) {
			p, chance, end := s.box(), new(luck), new(luck)
			s.after(time.Millisecond, func() { chance.await(); p.back(); end.comes() })
			p.forth()
			chance.comes()
			end.await()
		},
	},
	{
		name: "both orders, one before a function that a cancellation calls", truth: harmless, kinds: oneLock,
		program: func(s *stage) {
			p, end := s.box(), new(luck)
			ctx, cancel := context.WithCancel(context.Background())
			p.forth()
			s.afterCancel(ctx, func() { p.back(); end.comes() })
			s.spawn(cancel)
			end.await()
		},
	},
	{
		name: "both orders, one by luck before a function that a cancellation calls", truth: canHang, kinds: oneLock,
		want: potentialPair,
		program: func(s *stage) {
			p, chance, end := s.box(), new(luck), new(luck)
			ctx, cancel := context.WithCancel(context.Background())
			s.afterCancel(ctx, func() { chance.await(); p.back(); end.comes() })
			s.spawn(cancel)
			p.forth()
			chance.comes()
			end.await()
		},
	},
}

// joinScenarios have an order by the last message of goroutines, and by closes.
var joinScenarios = []scenario{
	{
		name: "both orders, the message of each of three is received", truth: harmless, kinds: oneLock,
		program: func(s *stage) { s.joined(3, 3) },
	},
	{
		name: "both orders, the messages of two of three are received", truth: canHang, kinds: oneLock,
		want:    potentialPair,
		program: func(s *stage) { s.joined(3, 2) },
	},
	{
		name: "both orders, results first and a last message", truth: harmless, kinds: oneLock,
		program: func(s *stage) {
			p, results, done := s.box(), s.channel(0), s.channel(0)
			s.spawn(func() {
				for i := range 3 {
					p.forth()
					results.Send(i)
				}
				p.forth()
				done.Send(0)
			})
			for range 3 {
				results.Recv()
			}
			done.Recv()
			p.back()
		},
	},
	{
		name: "both orders, results first and by luck the last request", truth: canHang, kinds: oneLock,
		want: potentialPair,
		program: func(s *stage) {
			p, results, chance := s.box(), s.channel(0), new(luck)
			s.spawn(func() {
				for i := range 3 {
					p.forth()
					results.Send(i)
				}
				p.forth()
				chance.comes()
			})
			for range 3 {
				results.Recv()
			}
			chance.await()
			p.back()
		},
	},
	{
		name: "both orders, one before a close by a goroutine that goes on", truth: harmless, kinds: oneLock,
		program: func(s *stage) {
			p, begin, end := s.box(), s.channel(0), new(luck)
			s.spawn(func() { begin.Recv(); p.back(); end.comes() })
			p.forth()
			begin.Close()
			end.await()
		},
	},
	{
		name: "both orders, one by luck after a close that the other has seen", truth: canHang, kinds: oneLock,
		want: potentialPair,
		program: func(s *stage) {
			p, begin, chance, end := s.box(), s.channel(0), new(luck), new(luck)
			s.spawn(func() { begin.Recv(); chance.await(); p.back(); end.comes() })
			p.forth()
			begin.Close()
			p.forth()
			chance.comes()
			end.await()
		},
	},
	{
		name: "both orders, each turn of a loop awaits a message", truth: harmless, kinds: oneLock,
		program: func(s *stage) {
			p := s.box()
			for range 3 {
				done := s.channel(1)
				s.spawn(func() { p.forth(); done.Send(1) })
				done.Recv()
				p.back()
			}
		},
	},
	{
		name: "both orders, a turn of a loop begins before the last is over", truth: canHang, kinds: oneLock,
		want: potentialPair,
		program: func(s *stage) {
			p := s.box()
			for range 3 {
				done, chance := s.channel(1), new(luck)
				s.spawn(func() { p.forth(); done.Send(1); p.forth(); chance.comes() })
				done.Recv()
				chance.await()
				p.back()
			}
		},
	},
	{
		name: "both orders, by question and answer", truth: harmless, kinds: oneLock,
		program: func(s *stage) {
			p, questions, answers := s.box(), s.channel(0), s.channel(0)
			s.spawn(func() {
				for range 3 {
					questions.Recv()
					p.back()
					answers.Send(1)
				}
			})
			for range 3 {
				p.forth()
				questions.Send(1)
				answers.Recv()
			}
			p.forth()
		},
	},
	{
		name: "both orders, by question and by luck before the answer", truth: canHang, kinds: oneLock,
		want: potentialPair,
		program: func(s *stage) {
			p, questions, answers, chance := s.box(), s.channel(0), s.channel(0), new(luck)
			s.spawn(func() {
				questions.Recv()
				chance.await()
				p.back()
				answers.Send(1)
			})
			p.forth()
			questions.Send(1)
			p.forth()
			chance.comes()
			answers.Recv()
		},
	},
	{
		name: "both orders, one after a message that another goroutine may send as well", truth: canHang, kinds: oneLock,
		want: potentialPair,
		program: func(s *stage) {
			p, ready, chance, end := s.box(), s.channel(2), new(luck), new(luck)
			s.spawn(func() { ready.Send(1); chance.comes() })
			s.spawn(func() { chance.await(); p.forth(); ready.Send(1); end.comes() })
			end.await()
			ready.Recv()
			p.back()
		},
	},
}

// giftScenarios pass an object with locks on: its new owner asks for them in another order.
var giftScenarios = []scenario{
	{
		name: "both orders, of objects that a message gives away", truth: harmless, kinds: oneLock,
		program: func(s *stage) { s.giveAway(1, 1, 20) },
	},
	{
		name: "both orders, of objects that several goroutines give to several", truth: harmless, kinds: oneLock,
		program: func(s *stage) { s.giveAway(3, 3, 20) },
	},
	{
		name: "both orders, of an object that is given on and back", truth: harmless, kinds: oneLock,
		program: func(s *stage) {
			p, there, back := s.box(), s.boxes(0), s.boxes(0)
			s.spawn(func() {
				q := there.Recv()
				q.back()
				back.Send(q)
			})
			p.forth()
			there.Send(p)
			back.Recv().forth()
		},
	},
	{
		name: "both orders, of objects that go through a goroutine between", truth: harmless, kinds: oneLock,
		program: func(s *stage) {
			first, second, end := s.boxes(1), s.boxes(1), new(luck)
			s.spawn(func() {
				for range 3 {
					second.Send(first.Recv())
				}
			})
			s.spawn(func() {
				for range 3 {
					second.Recv().back()
				}
				end.comes()
			})
			for range 3 {
				p := s.box()
				p.forth()
				first.Send(p)
			}
			end.await()
		},
	},
	{
		name: "both orders, of an object that its sender goes on to use", truth: canHang, kinds: oneLock,
		want: potentialPair,
		program: func(s *stage) {
			p, given, chance, end := s.box(), s.boxes(0), new(luck), new(luck)
			s.spawn(func() {
				q := given.Recv()
				chance.await()
				q.back()
				end.comes()
			})
			p.forth()
			given.Send(p)
			p.forth()
			chance.comes()
			end.await()
		},
	},
	{
		name: "both orders, of an object that is given to two", truth: canHang, kinds: oneLock,
		want: potentialPair,
		program: func(s *stage) {
			p, given, chance, end := s.box(), s.boxes(2), new(luck), new(luck)
			s.spawn(func() { given.Recv().back(); chance.comes() })
			s.spawn(func() { chance.await(); given.Recv().forth(); end.comes() })
			given.Send(p)
			given.Send(p)
			end.await()
		},
	},
	{
		name: "both orders, of an object that is given to one and known to another", truth: canHang, kinds: oneLock,
		want: potentialPair,
		program: func(s *stage) {
			p, given, chance, end := s.box(), s.boxes(1), new(luck), new(luck)
			s.spawn(func() { given.Recv(); chance.comes() })
			s.spawn(func() { chance.await(); p.back(); end.comes() })
			p.forth()
			given.Send(p)
			end.await()
		},
	},
}

// joined has goroutines end with a message, of which so many are received; all have come by
// luck.
func (s *stage) joined(goroutines, received int) {
	p, done, all := s.box(), s.channel(goroutines), make([]luck, goroutines)
	for i := range goroutines {
		s.spawn(func() { p.forth(); done.Send(i); all[i].comes() })
	}
	for i := range goroutines {
		all[i].await()
	}
	for range received {
		done.Recv()
	}
	p.back()
}

// giveAway has goroutines make objects and give them to others.
func (s *stage) giveAway(givers, takers, objects int) {
	given, ends := s.boxes(2), make([]luck, givers+takers)
	for i := range givers {
		s.spawn(func() {
			for range objects * takers {
				p := s.box()
				p.forth()
				given.Send(p)
			}
			ends[i].comes()
		})
	}
	for i := range takers {
		s.spawn(func() {
			for range objects * givers {
				given.Recv().back()
			}
			ends[givers+i].comes()
		})
	}
	for i := range ends {
		ends[i].await()
	}
}
