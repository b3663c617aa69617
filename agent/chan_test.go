package agent_test

import (
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent"
)

func quiet(t *testing.T) {
	t.Helper()
	agent.Configure(agent.Options{Output: io.Discard})
	t.Cleanup(func() { agent.Configure(agent.Options{}) })
}

func TestChanBuffered(t *testing.T) {
	c := agent.MakeChan[string](2)
	if !c.TrySend("a") || !c.TrySend("b") || c.TrySend("c") {
		t.Error("room for two, one more or less was taken")
	}
	if c.Len() != 2 || c.Cap() != 2 || c.IsNil() {
		t.Errorf("len %d, cap %d, nil %t", c.Len(), c.Cap(), c.IsNil())
	}
	if v, ok, ready := c.TryRecv(); v != "a" || !ok || !ready {
		t.Errorf("TryRecv = %q, %t, %t", v, ok, ready)
	}
	c.Close()
	if v, ok := c.RecvOK(); v != "b" || !ok {
		t.Errorf("RecvOK = %q, %t, want what was sent before the close", v, ok)
	}
	if v, ok := c.RecvOK(); v != "" || ok {
		t.Errorf("RecvOK of closed = %q, %t", v, ok)
	}
	if v, ok, ready := c.TryRecv(); v != "" || ok || !ready {
		t.Errorf("TryRecv of closed = %q, %t, %t", v, ok, ready)
	}
}

func TestChanIsAReference(t *testing.T) {
	c := agent.MakeChan[int](1)
	d := c
	d.Send(7)
	if c != d || c == agent.MakeChan[int](1) || c.Recv() != 7 {
		t.Error("a copy is another channel")
	}
}

func TestNilChan(t *testing.T) {
	var c agent.Chan[int]
	if !c.IsNil() || c.Len() != 0 || c.Cap() != 0 || c.TrySend(1) {
		t.Error("the zero value is not the nil channel")
	}
	if _, _, ready := c.TryRecv(); ready {
		t.Error("received from nil")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.SendContext(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("SendContext: %v", err)
	}
	if _, _, err := c.RecvContext(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("RecvContext: %v", err)
	}
}

// panicOf returns what f panics with.
func panicOf(f func()) (what any) {
	defer func() { what = recover() }()
	f()
	return nil
}

func TestChanPanicsWithTheWordsOfGo(t *testing.T) {
	quiet(t)
	closed, native := agent.MakeChan[int](1), make(chan int, 1)
	closed.Close()
	close(native)
	var none agent.Chan[int]
	var nativeNone chan int
	one := 1
	for _, tt := range []struct {
		name       string
		ours, gos  func()
		isNotError bool
	}{
		{"send", func() { closed.Send(1) }, func() { native <- 1 }, false},
		{"try to send", func() { closed.TrySend(1) }, func() { native <- 1 }, false},
		{"send by context", func() { _ = closed.SendContext(t.Context(), 1) }, func() { native <- 1 }, false},
		{"select", func() { agent.Select(closed.OnSend(&one)) }, func() { native <- 1 }, false},
		{"select with default", func() { agent.Select(closed.OnSend(&one), agent.Default()) }, func() { native <- 1 }, false},
		{"close", closed.Close, func() { close(native) }, false},
		{"close nil", none.Close, func() { close(nativeNone) }, false},
		{"size", func() { agent.MakeChan[int](-runtime.NumCPU()) }, func() { _ = make(chan int, -runtime.NumCPU()) }, false},
	} {
		got, want := panicOf(tt.ours), panicOf(tt.gos)
		if _, ok := got.(runtime.Error); !ok || got != want {
			t.Errorf("%s: panic %#v, want %#v", tt.name, got, want)
		}
	}
}

func TestCloseWakesAll(t *testing.T) {
	quiet(t)
	c := agent.MakeChan[int](0)
	var receivers sync.WaitGroup
	for i := range 20 {
		receivers.Go(func() {
			if i%2 == 0 {
				if v, ok := c.RecvOK(); ok || v != 0 {
					t.Errorf("received %d, %t", v, ok)
				}
				return
			}
			v, ok := 1, true
			if agent.Select(c.OnRecvOK(&v, &ok), agent.OnRecv(t.Context().Done(), nil)) != 0 || ok || v != 0 {
				t.Errorf("select received %d, %t", v, ok)
			}
		})
	}
	c.Close()
	receivers.Wait()

	if len(buildFlags) > 0 {
		return // the race detector calls a close that meets a send a race, as of Go's channels
	}
	d := agent.MakeChan[int](0)
	panics := make(chan any, 2)
	one := 1
	go func() { panics <- panicOf(func() { d.Send(1) }) }()
	go func() {
		panics <- panicOf(func() { agent.Select(d.OnSend(&one), agent.MakeChan[int](0).OnSend(&one)) })
	}()
	d.Close()
	for range 2 {
		if err, ok := (<-panics).(runtime.Error); !ok || err.Error() != "send on closed channel" {
			t.Errorf("a sender that waited: %v", err)
		}
	}
}

func TestAll(t *testing.T) {
	generate := func(n int) agent.Chan[int] {
		c := agent.MakeChan[int](n)
		for i := range n {
			c.Send(i)
		}
		c.Close()
		return c
	}
	if got := slices.Collect(generate(4).All()); !slices.Equal(got, []int{0, 1, 2, 3}) {
		t.Errorf("all: %v", got)
	}
	c := generate(5)
	for v := range c.All() {
		if v == 1 {
			break
		}
	}
	if got := panicOf(func() {
		for range c.All() {
			panic("in the body")
		}
	}); got != "in the body" {
		t.Errorf("panic %v", got)
	}
	var ended sync.WaitGroup
	ended.Go(func() {
		for range c.All() {
			runtime.Goexit()
		}
	})
	ended.Wait()
	if v := c.Recv(); v != 4 {
		t.Errorf("after a break, a panic and a Goexit: %d, want 4", v)
	}
}

func TestContextVariants(t *testing.T) {
	c := agent.MakeChan[int](1)
	if err := c.SendContext(t.Context(), 5); err != nil {
		t.Error(err)
	}
	if v, ok, err := c.RecvContext(context.Background()); v != 5 || !ok || err != nil {
		t.Errorf("received %d, %t, %v", v, ok, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Millisecond, cancel)
	if v, ok, err := c.RecvContext(ctx); v != 0 || ok || !errors.Is(err, context.Canceled) {
		t.Errorf("received %d, %t, %v", v, ok, err)
	}
	c.Close()
	if _, ok, err := c.RecvContext(context.Background()); ok || err != nil {
		t.Errorf("closed: %t, %v", ok, err)
	}
}

// big is an element that fits into no word, with a pointer in it.
type big struct {
	name string
	next *big
	data [40]int
}

func TestElementTypes(t *testing.T) {
	roundTrip(t, struct{}{})
	roundTrip(t, [0]int{})
	roundTrip(t, byte(9))
	roundTrip(t, "text")
	roundTrip(t, big{name: "a", next: &big{name: "b"}, data: [40]int{39: 1}})
	roundTrip[any](t, 3)
	roundTrip[error](t, nil)
	roundTrip[error](t, io.EOF)
	roundTrip(t, agent.MakeChan[int](0))
}

func roundTrip[T comparable](t *testing.T, v T) {
	t.Helper()
	c, plain := agent.MakeChan[T](1), make(chan T, 1)
	for range 3 {
		var got T
		c.Send(v)
		if agent.Select(c.OnRecv(&got)) != 0 || got != v {
			t.Errorf("%T: received %v, want %v", v, got, v)
		}
		agent.Select(agent.OnSend(plain, &v))
		if agent.Select(agent.OnRecv(plain, &got)) != 0 || got != v {
			t.Errorf("%T: received %v from a plain channel, want %v", v, got, v)
		}
	}
}

// What was received must not live on in the channel or in a pooled request.
func TestElementsAreCollected(t *testing.T) {
	c := agent.MakeChan[*big](4)
	collected := make(chan bool, 4)
	for range 4 {
		b := &big{name: "short-lived"}
		runtime.AddCleanup(b, func(int) { collected <- true }, 0)
		c.Send(b)
	}
	for range 4 {
		c.Recv()
	}
	for n := 0; n < 4; {
		runtime.GC()
		select {
		case <-collected:
			n++
		default:
		}
	}
	runtime.KeepAlive(c)
}
