//go:build !concdoctor_off

package agent_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
)

// TestUnwoundLocksAreNotHeld leaves critical sections by a panic and by Goexit,
// through deferred unlocks: nothing is held afterwards, so nothing depends on it.
func TestUnwoundLocksAreNotHeld(t *testing.T) {
	ways := map[string]func(){
		"panic":  func() { panic("out of here") },
		"goexit": runtime.Goexit,
	}
	for name, leave := range ways {
		t.Run(name, func(t *testing.T) {
			eachLock(t, func(t *testing.T, mk func() locker) {
				a, b := mk(), mk()
				expect(t, func() {
					section := func(l locker) {
						takeFirst(l)
						defer l.Unlock()
						leave()
					}
					run(func() {
						defer nest(b)() // runs on the way out: a is released by then
						defer func() { _ = recover() }()
						section(a)
					}, nest(b, a))
				})
			})
		})
	}
}

// reporter makes the inversion of two locks that nobody else uses.
func reporter() func() {
	a, b := new(agent.Mutex), new(agent.Mutex)
	return func() { run(nest(a, b), nest(b, a)) }
}

// TestUserCodeMayMisbehave has a callback, a writer and a logger that take
// agent locks in conflicting orders themselves, and panic.
func TestUserCodeMayMisbehave(t *testing.T) {
	var a, b agent.Mutex
	invert := reporter() // would be found in every report, without end
	misbehave := func() {
		a.Lock()
		defer a.Unlock()
		b.Lock()
		defer b.Unlock()
		invert()
		panic("a callback that misbehaves")
	}
	done := make(chan bool, 10)
	tests := map[string]agent.Options{
		"writer": {Output: writerFunc(func() { done <- true; misbehave() })},
		"logger": {Logger: slog.New(handlerFunc(func() { done <- true; misbehave() }))},
	}
	for name, options := range tests {
		t.Run(name, func(t *testing.T) {
			agent.ResetForTest(t)
			agent.Configure(options)
			reporter()()
			<-done
		})
	}
	t.Run("callback", func(t *testing.T) {
		agent.ResetForTest(t)
		stop := agent.OnFinding(func(finding.Finding) { done <- true; misbehave() })
		defer stop()
		reporter()()
		<-done
	})
}

type writerFunc func()

func (f writerFunc) Write(p []byte) (int, error) { f(); return len(p), nil }

type handlerFunc func()

func (f handlerFunc) Enabled(context.Context, slog.Level) bool  { return true }
func (f handlerFunc) Handle(context.Context, slog.Record) error { f(); return nil }
func (f handlerFunc) WithAttrs([]slog.Attr) slog.Handler        { return f }
func (f handlerFunc) WithGroup(string) slog.Handler             { return f }

// stateAtInit is locked before main, as the state of many packages is.
var stateAtInit = func() *agent.Mutex {
	mu := new(agent.Mutex)
	mu.Lock()
	defer mu.Unlock()
	return mu
}()

func init() {
	programs["broken invariant"] = func() {
		agent.BreakForTest("a broken invariant")
		reporter()()
		agent.BreakForTest("another one")
		println("the program ends")
	}
	programs["hard times"] = hardTimes
}

// hardTimes uses locks while signals come, on locked threads, beside processes
// that start and end, after init.
func hardTimes() {
	nest(stateAtInit)()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	stop := make(chan bool)
	var senders, workers sync.WaitGroup
	senders.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				_ = syscall.Kill(os.Getpid(), syscall.SIGUSR1)
				runtime.Gosched()
			}
		}
	})
	var a, b agent.Mutex
	var rw agent.RWMutex
	count := 0
	for worker := range 8 {
		workers.Go(func() {
			if worker%2 == 0 {
				runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
			}
			for range 2000 {
				a.Lock()
				b.Lock()
				count++
				b.Unlock()
				a.Unlock()
				rw.RLock()
				rw.RUnlock()
			}
		})
	}
	for range 3 {
		a.Lock()
		out, err := exec.Command("echo", "alive").Output()
		a.Unlock()
		if err != nil || string(out) != "alive\n" {
			panic(fmt.Sprint(string(out), err))
		}
	}
	workers.Wait()
	close(stop)
	senders.Wait()
	if found := agent.Findings(); count != 16000 || len(found) > 0 {
		panic(fmt.Sprint(count, found))
	}
	println("the program ends")
}

func TestProcessInHardTimes(t *testing.T) {
	if status, stderr := child(t, "hard times", ""); status != 0 || stderr != "the program ends\n" {
		t.Errorf("status %d:\n%s", status, stderr)
	}
}

func TestProcessWithABrokenInvariant(t *testing.T) {
	status, stderr := child(t, "broken invariant", "")
	want := "concdoctor: detection is off from here on, please report this: a broken invariant\nthe program ends\n"
	if status != 0 || stderr != want {
		t.Errorf("status %d:\n%s", status, stderr)
	}
	if strings.Count(stderr, "concdoctor") != 1 {
		t.Errorf("said more than once:\n%s", stderr)
	}
}
