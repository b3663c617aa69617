//go:build !concdoctor_off

package suite

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sasha-s/go-deadlock"

	"github.com/concdoctor/concdoctor/agent"
)

// The primitives that scenarios are made of.
type (
	locker interface {
		sync.Locker
		TryLock() bool
	}
	rwLocker interface {
		locker
		RLock()
		TryRLock() bool
		RUnlock()
		RLocker() sync.Locker
	}
	group interface {
		Add(n int)
		Done()
		Wait()
		Go(f func())
	}
	cond interface {
		Wait()
		Signal()
		Broadcast()
	}
	once interface{ Do(f func()) }
	// channel carries numbers.
	channel interface {
		Send(v int)
		Recv() int
		RecvContext(ctx context.Context) (v int, ok bool, err error)
		Close()
	}
	// boxes carries objects.
	boxes interface {
		Send(b *box)
		Recv() *box
	}
)

// plainBoxes is boxes for a kit without one.
type plainBoxes chan *box

func (c plainBoxes) Send(b *box) { c <- b }
func (c plainBoxes) Recv() *box  { return <-c }

// plainChannel is a channel for a kit without one.
type plainChannel chan int

func (c plainChannel) Send(v int) { c <- v }
func (c plainChannel) Recv() int  { return <-c }
func (c plainChannel) Close()     { close(c) }

func (c plainChannel) RecvContext(ctx context.Context) (v int, ok bool, err error) {
	select {
	case v, ok = <-c:
		return v, ok, nil
	case <-ctx.Done():
		return 0, false, ctx.Err()
	}
}

// kit is one implementation of them.
type kit struct {
	mutex func() locker
	rw    func() rwLocker
	group func() group
	cond  func(l sync.Locker) cond
	once  func() once
	spawn func(f func())
	// after calls f after a time, afterCancel once a context is cancelled.
	after       func(d time.Duration, f func()) *time.Timer
	afterCancel func(ctx context.Context, f func()) (stop func() bool)
	// channel makes one with room for so many.
	channel func(room int) channel
	boxes   func(room int) boxes
	// level says that the lock is one of several of its class, at the level.
	level  func(l locker, level int)
	forget func(l locker)
}

var agentKit = kit{
	mutex: func() locker { return new(agent.Mutex) },
	rw:    func() rwLocker { return new(agent.RWMutex) },
	group: func() group { return new(agent.WaitGroup) },
	cond:  func(l sync.Locker) cond { return agent.NewCond(l) },
	once:  func() once { return new(agent.Once) },
	spawn: agent.Go,
	after: agent.AfterFunc, afterCancel: agent.ContextAfterFunc,
	channel: func(room int) channel { return agent.MakeChan[int](room) },
	boxes:   func(room int) boxes { return agent.MakeChan[*box](room) },
	level:   func(l locker, level int) { agent.Name(l, "row", agent.Nested(level)) },
	forget:  func(l locker) { agent.Forget(l) },
}

// plainKit is package sync itself, for zero touch.
var plainKit = kit{
	mutex: func() locker { return new(sync.Mutex) },
	rw:    func() rwLocker { return new(sync.RWMutex) },
	group: func() group { return new(sync.WaitGroup) },
	cond:  func(l sync.Locker) cond { return sync.NewCond(l) },
	once:  func() once { return new(sync.Once) },
	spawn: func(f func()) { go f() },
	after: time.AfterFunc, afterCancel: context.AfterFunc,
	channel: func(room int) channel { return make(plainChannel, room) },
	boxes:   func(room int) boxes { return make(plainBoxes, room) },
	level:   func(locker, int) {},
	forget:  func(locker) {},
}

// peerKit is go-deadlock: what it does not instrument is sync's.
var peerKit = kit{
	mutex: func() locker { return new(deadlock.Mutex) },
	rw:    func() rwLocker { return new(deadlock.RWMutex) },
	group: func() group { return new(deadlock.WaitGroup) },
	cond:  func(l sync.Locker) cond { return deadlock.NewCond(l) },
	once:  func() once { return new(deadlock.Once) },
	spawn: func(f func()) { go f() },
	after: time.AfterFunc, afterCancel: context.AfterFunc,
	channel: func(room int) channel { return make(plainChannel, room) },
	boxes:   func(room int) boxes { return make(plainBoxes, room) },
	level:   func(locker, int) {},
	forget:  func(locker) {},
}

// luck brings about an order that the program does not ask for, and that no detector
// sees: it is neither a channel nor a lock.
type luck struct{ here atomic.Bool }

func (l *luck) comes() { l.here.Store(true) }

func (l *luck) await() {
	for !l.here.Load() {
		runtime.Gosched()
	}
}
