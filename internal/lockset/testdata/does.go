// Package does has goroutines that end waits or do not. A comment at a go statement says
// what the source shows of it, and one at a wait what ends it.
package does

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

type pool struct {
	mu      sync.Mutex
	cond    *sync.Cond
	group   sync.WaitGroup
	tasks   chan func()
	errs    chan error
	stopped atomic.Bool
	idle    int32
	ctx     context.Context
	call    func()
	out     fmt.Stringer
}

func (p *pool) start() {
	go p.purge()                         // does: sends func(), receives struct{} time.Time
	go p.signal()                        // does: signals
	go func() { defer p.group.Done() }() // does: dones
	go worker(p.tasks)                   // does: unknown
	go p.nested()                        // does: receives error, signals
	go p.calls()                         // does: unknown
	go p.prints()                        // does: unknown
	go p.closes()                        // does: sends error
	go p.later()                         // does: unknown
	go drain[int](nil)                   // does: unknown
	go func() {                          // does: nothing
		for !p.stopped.Load() {
			time.Sleep(time.Second)
		}
	}()
}

func (p *pool) purge() {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			if now.Sub(time.Now()) > time.Minute && p.count() > 0 {
				p.mu.Lock()
				p.tasks <- nil
				p.mu.Unlock()
			}
		case <-p.ctx.Done():
			return
		}
	}
}

func (p *pool) count() int { return int(atomic.LoadInt32(&p.idle)) }

func (p *pool) signal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cond.Broadcast()
}

func worker(tasks <-chan func()) {
	for f := range tasks {
		f()
	}
}

func (p *pool) nested() {
	go p.signal()
	for range p.errs {
	}
}

func (p *pool) frees() { p.mu.Unlock() }

func (p *pool) calls() { p.call() }

func (p *pool) prints() { _ = p.out.String() }

func (p *pool) closes() { close(p.errs) }

func (p *pool) later() { time.AfterFunc(time.Second, p.signal) }

func drain[T any](c chan T) {
	for range c {
	}
}

func (p *pool) waits(ctx context.Context, only <-chan error, done chan struct{}) {
	p.tasks <- nil     // needs: receives func()
	<-done             // needs: sends struct{}
	<-only             // needs: unknown
	<-ctx.Done()       // needs: unknown
	for range p.errs { // needs: sends error
	}
	select { // needs: sends struct{}, receives error
	case <-done:
	case p.errs <- nil:
	}
	select { // needs: unknown
	case <-done:
	case <-ctx.Done():
	}
}
