package agent

import (
	"math/rand/v2"
	"unsafe"
)

// Case is one case of a [Select]. [Chan.OnRecv], [Chan.OnRecvOK] and [Chan.OnSend] make
// cases of a Chan; [OnRecv], [OnRecvOK] and [OnSend] make cases of a plain channel; [Default]
// makes the default case. The zero Case is never ready, like that of a nil channel.
//
// A Case refers to variables of the function that made it, and may be used again. Only
// Select reads it.
type Case struct {
	way  way
	pipe *pipe // of an agent's channel
	kind caseKind
	at   unsafe.Pointer // the variable that is sent or received into; may be nil
	ok   *bool
}

type caseKind uint8

const (
	kindNever caseKind = iota
	kindReceive
	kindSend
	kindDefault
)

// OnRecv returns the case v = <-c of a Select. If v is nil, the received value is dropped.
func (c Chan[T]) OnRecv(v *T) Case { return c.OnRecvOK(v, nil) }

// OnRecvOK returns the case v, ok = <-c of a Select. v and ok may be nil.
func (c Chan[T]) OnRecvOK(v *T, ok *bool) Case {
	if c.c == nil {
		return Case{}
	}
	return Case{c.c, &c.c.pipe, kindReceive, unsafe.Pointer(v), ok}
}

// OnSend returns the case c <- *v of a Select. v must not be nil; Select reads the variable
// that it points to.
func (c Chan[T]) OnSend(v *T) Case {
	if c.c == nil {
		return Case{}
	}
	return Case{c.c, &c.c.pipe, kindSend, unsafe.Pointer(v), nil}
}

// OnRecv returns the case v = <-c of a Select for a plain channel, such as that of a timer
// or a context. If v is nil, the received value is dropped.
func OnRecv[T any](c <-chan T, v *T) Case { return OnRecvOK(c, v, nil) }

// OnRecvOK returns the case v, ok = <-c of a Select for a plain channel. v and ok may be
// nil.
func OnRecvOK[T any](c <-chan T, v *T, ok *bool) Case {
	if c == nil {
		return Case{}
	}
	return Case{source[T](c), nil, kindReceive, unsafe.Pointer(v), ok}
}

// OnSend returns the case c <- *v of a Select for a plain channel. v must not be nil; Select
// reads the variable that it points to.
func OnSend[T any](c chan<- T, v *T) Case {
	if c == nil {
		return Case{}
	}
	return Case{drain[T](c), nil, kindSend, unsafe.Pointer(v), nil}
}

// Default returns the default case of a Select, which is chosen if no other case is ready.
func Default() Case { return Case{kind: kindDefault} }

// Select blocks until one of the cases is ready, executes it and returns its index, as a
// select statement does. If several are ready, it chooses one uniformly at random. It
// panics if it chooses a send on a closed channel, and blocks for ever if no case can
// become ready.
//
//	var job Job
//	switch agent.Select(jobs.OnRecv(&job), agent.OnRecv(ctx.Done(), nil)) {
//	case 0:
//		run(job)
//	case 1:
//		return ctx.Err()
//	}
//
// It does not allocate with up to eight cases of a Chan, two of plain channels of struct{}
// (such as a context's Done) and two of plain channels of time.Time (such as a timer's),
// nor with any number of cases if one is ready. A second Default is never chosen.
func Select(cases ...Case) int {
	list := unescaped(cases)
	g := useCases(list)
	if i := tryCases(g, list); i >= 0 {
		return i
	}
	for i := range list {
		if list[i].kind == kindDefault {
			return i
		}
	}
	return selectWaiting(g, list)
}

// shuffled is up to how many cases are tried in an order that takes no allocation;
// the orders of so many are still far fewer than 2^64.
const shuffled = 16

// tryCases makes one of the cases that are ready happen, each with the same chance,
// and returns its index, or -1 if none is. It tries them in a random order: one by
// one they cost less than a select statement, which locks all channels first.
func tryCases(g *goroutine, cases []Case) int {
	if len(cases) > shuffled {
		for _, i := range rand.Perm(len(cases)) {
			if cases[i].try(g) {
				return i
			}
		}
		return -1
	}
	var order [shuffled]uint8
	random := uint64(0)
	if len(cases) > 1 {
		random = rand.Uint64()
	}
	for i := range cases {
		n := uint64(i + 1)
		j := random % n
		random /= n
		order[i] = order[j]
		order[j] = uint8(i)
	}
	for _, i := range order[:len(cases)] {
		if cases[i].try(g) {
			return int(i)
		}
	}
	return -1
}

// unescaped returns cases, of which nothing is kept beyond the call that asks. The
// compiler cannot see that the calls through way keep nothing: it would allocate
// all variables that cases point to.
func unescaped(cases []Case) []Case {
	return unsafe.Slice((*Case)(hide(unsafe.Pointer(unsafe.SliceData(cases)))), len(cases))
}

// hide returns p without the compiler's seeing where it comes from. It must not be
// inlined: the caller would keep the result as a number, which is not corrected when
// its stack moves. Here no stack moves.
//
//go:nosplit
//go:noinline
//go:norace
//go:nocheckptr
func hide(p unsafe.Pointer) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&[1]uintptr{uintptr(p)}))
}

// try makes the case happen if it is ready.
func (c *Case) try(g *goroutine) bool { return c.way != nil && c.way.try(g, c.kind, c.at, c.ok) }
