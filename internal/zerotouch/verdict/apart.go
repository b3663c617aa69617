package verdict

import (
	"math"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// apart reports whether the program or its tests keep two requests from being made at
// the same time, each time that one of them is known to have been made. A tape does not have
// all times, so that a cycle is never dropped for it: it is less certain.
func (s *scene) apart(a, b *request) bool {
	if s.testsApart(a.Test, b.Test) || s.outside(a, b) || s.outside(b, a) {
		return true
	}
	for _, x := range a.times {
		for _, y := range b.times {
			if !s.areOrdered(a.moment(x), b.moment(y)) {
				return s.isGiven(a, b) || s.isGiven(b, a)
			}
		}
	}
	return true
}

func (s *scene) areOrdered(a, b moment) bool { return s.comesBefore(a, b) || s.comesBefore(b, a) }

// outside reports whether a is made by the goroutine that runs the tests, which does
// nothing else meanwhile, and b in a test.
func (s *scene) outside(a, b *request) bool {
	return len(s.Tests) > 0 && a.Goroutine == mainID && a.Test == "" && b.Test != ""
}

// testsApart reports whether two tests ran one after the other.
func (s *scene) testsApart(a, b string) bool {
	first, second := s.tests[family(a)], s.tests[family(b)]
	if first == nil || second == nil || first == second {
		return false
	}
	over := func(x, y *tape.Test) bool { return x.End != 0 && x.End <= y.Begin }
	return over(first, second) || over(second, first)
}

// isGiven reports whether a lock of both requests was given away in between: the goroutine
// of a has sent a message that leads to it, and asked for it no more, and the other one got
// it so.
func (s *scene) isGiven(a, b *request) bool {
	for _, lock := range a.locks() {
		if b.hasLock(lock) && s.isGivenLock(lock, a.Goroutine, b.Goroutine) {
			return true
		}
	}
	return false
}

// transfer is a lock that may have been given by one goroutine to another one.
type transfer struct {
	lock     key
	from, to uint64
}

func (s *scene) isGivenLock(lock tape.Object, from, to uint64) bool {
	t := transfer{keyOf(lock), from, to}
	given, known := s.transferred[t]
	if !known {
		given = s.isTransferred(lock, t)
		s.transferred[t] = given
	}
	return given
}

func (s *scene) isTransferred(lock tape.Object, t transfer) bool {
	last, first := int64(math.MinInt64), int64(math.MaxInt64)
	for _, r := range s.byLock[t.lock] {
		switch r.Goroutine {
		case t.from:
			last = max(last, r.Time)
		case t.to:
			first = min(first, r.Time)
		}
	}
	var transfers []*tape.Use
	for _, u := range s.transferring {
		if u.Gives(lock.Addr) && u.Time < first {
			transfers = append(transfers, u)
		}
	}
	return slices.ContainsFunc(transfers, func(u *tape.Use) bool {
		return u.Goroutine == t.from && u.Time > last && s.arrives(u, transfers, t.to, len(transfers))
	})
}

// arrives reports whether a message came to a goroutine, which may have got it through others.
func (s *scene) arrives(message *tape.Use, transfers []*tape.Use, to uint64, steps int) bool {
	if s.mayReceive(message.Object, to) {
		return true
	}
	return steps > 0 && slices.ContainsFunc(transfers, func(next *tape.Use) bool {
		return next.Time > message.Time && s.mayReceive(message.Object, next.Goroutine) && s.arrives(next, transfers, to, steps-1)
	})
}

// mayReceive reports whether a goroutine receives from a channel, as far as that is known.
func (s *scene) mayReceive(c tape.Object, goroutine uint64) bool {
	known := false
	for _, u := range slices.Concat(s.uses[keyOf(c)], s.messages[keyOf(c)]) {
		if (u.Side == tape.Recv || u.Side == tape.Join) && u.Goroutine == goroutine {
			return true
		}
		known = true
	}
	return !known // the channel was collected
}

// inTest reports whether a stack is of a test's own code.
func inTest(s finding.Stack) bool { return strings.HasSuffix(s.Site().File, "_test.go") }
