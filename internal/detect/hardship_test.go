//go:build !concdoctor_off

package detect_test

import (
	"context"
	"log/slog"
	"runtime"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect"
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

// reporter makes the inversion of two locks that no other test uses.
func reporter() func() {
	a, b := new(agent.Mutex), new(agent.Mutex)
	return func() { run(nest(a, b), nest(b, a)) }
}

// TestUserCodeMayMisbehave has a callback, a writer and a logger that take
// agent locks in conflicting orders themselves, and panic.
func TestUserCodeMayMisbehave(t *testing.T) {
	var a, b agent.Mutex
	invert := reporter() // would be found in every report, without end
	over := make(chan bool, 10)
	misbehave := func() {
		defer func() { over <- true }() // else it would report into the next test
		a.Lock()
		defer a.Unlock()
		b.Lock()
		defer b.Unlock()
		invert()
		panic("a callback that misbehaves")
	}
	tests := map[string]agent.Options{
		"writer": {Output: writerFunc(misbehave)},
		"logger": {Logger: slog.New(handlerFunc(misbehave))},
	}
	for name, options := range tests {
		t.Run(name, func(t *testing.T) {
			detect.ResetForTest(t)
			agent.Configure(options)
			reporter()()
			<-over
		})
	}
	t.Run("callback", func(t *testing.T) {
		detect.ResetForTest(t)
		stop := agent.OnFinding(func(finding.Finding) { misbehave() })
		defer stop()
		reporter()()
		<-over
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
		detect.BreakForTest("a broken invariant")
		reporter()()
		detect.BreakForTest("another one")
		println("the program ends")
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
