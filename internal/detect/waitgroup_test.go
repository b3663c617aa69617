//go:build !concdoctor_off

package detect_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect"
)

//go:noinline
func await(w *agent.WaitGroup) { w.Wait() }

//go:noinline
func startIn(w *agent.WaitGroup, f func()) { w.Go(f) }

//go:noinline
func countDown(w *agent.WaitGroup) { w.Done() }

// expectHang compares what is found until a hang is reported, which is soon.
func expectHang(t *testing.T, fs []func(), want ...brief) {
	t.Helper()
	detect.ResetForTest(t)
	soon()
	hang(t, fs...)
	if diff := cmp.Diff(want, briefs(held(t))); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestWaitUnderALock(t *testing.T) {
	eachLock(t, func(t *testing.T, mk func() locker) {
		t.Run("started under it", func(t *testing.T) {
			l := mk()
			var w agent.WaitGroup
			expectHang(t, []func(){func() {
				takeFirst(l)
				startIn(&w, func() { takeSecond(l) })
				await(&w)
			}},
				brief{"deadlock", "observed", []string{"startIn", "takeFirst"}, []string{"await", "takeSecond"}},
				brief{"lock-cycle", "potential", []string{"startIn", "takeFirst"}, []string{"await", "takeSecond"}},
			)
		})
		t.Run("started before", func(t *testing.T) {
			l := mk()
			var w agent.WaitGroup
			locked := make(chan bool)
			expectHang(t, []func(){func() {
				startIn(&w, func() { <-locked; takeSecond(l) })
				takeFirst(l)
				close(locked)
				await(&w)
			}}, brief{"deadlock", "observed", []string{"takeFirst"}, []string{"await", "takeSecond"}})
		})
		t.Run("one of many, through another lock", func(t *testing.T) {
			a, b := mk(), mk()
			var w agent.WaitGroup
			has := make(chan bool)
			expectHang(t, []func(){func() {
				takeFirst(a)
				go func() { takeFirst(b); close(has); takeSecond(a) }()
				<-has
				for range 5 {
					w.Go(func() {})
				}
				startIn(&w, func() { takeSecond(b) })
				await(&w)
			}},
				brief{"deadlock", "observed", []string{"startIn", "takeFirst", "takeFirst"}, []string{"await", "takeSecond", "takeSecond"}},
				brief{"lock-cycle", "potential", []string{"startIn", "takeFirst", "takeFirst"}, []string{"await", "takeSecond", "takeSecond"}},
			)
		})
		t.Run("foreseen: a goroutine awaited under one lock takes another", func(t *testing.T) {
			a, b := mk(), mk()
			expect(t, func() {
				run(func() {
					var w agent.WaitGroup
					takeFirst(a)
					startIn(&w, func() { takeSecond(b); b.Unlock() })
					await(&w)
					a.Unlock()
				}, nest(b, a))
			}, brief{"lock-cycle", "potential", []string{"startIn", "takeFirst", "takeFirst"}, []string{"await", "takeSecond", "takeSecond"}})
		})
		t.Run("silent: awaited after the lock", func(t *testing.T) {
			a, b := mk(), mk()
			expect(t, func() {
				run(func() {
					var w agent.WaitGroup
					takeFirst(a)
					startIn(&w, func() { takeSecond(b); b.Unlock() })
					a.Unlock()
					await(&w)
				}, nest(b, a))
			})
		})
		t.Run("silent: joined before the other order", func(t *testing.T) {
			a, b := mk(), mk()
			expect(t, func() {
				run(func() {
					var w agent.WaitGroup
					w.Add(1)
					go func() { defer w.Done(); nest(a, b)() }()
					w.Wait()
					w.Go(nest(b, a))
					w.Wait()
					w.Go(nest(a, b))
					w.Wait()
				})
			})
		})
	})
}

func TestWaitsForItself(t *testing.T) {
	var w agent.WaitGroup
	expectHang(t, []func(){func() {
		startIn(&w, func() { await(&w) })
	}}, brief{"self-deadlock", "observed", nil, []string{"await"}})
}

// recovered calls f and returns the value of its panic.
func recovered(f func()) (r any) {
	defer func() { r = recover() }()
	f()
	return nil
}

func TestWaitGroupMisuse(t *testing.T) {
	t.Run("below zero", func(t *testing.T) {
		detect.ResetForTest(t)
		var w agent.WaitGroup
		w.Add(1)
		countDown(&w)
		if r := recovered(func() { countDown(&w) }); r != "sync: negative WaitGroup counter" {
			t.Errorf("recovered %v", r)
		}
		checkMisuse(t, "counted below zero here", "countDown", "counted up from zero last here", "TestWaitGroupMisuse")
	})
	t.Run("round after round, each properly", func(t *testing.T) {
		expect(t, func() {
			var w agent.WaitGroup
			for range 100 {
				w.Add(2)
				go w.Done()
				go func() { defer w.Done() }()
				w.Wait()
				w.Go(func() { w.Go(nothing) })
				w.Wait()
			}
		})
	})
}

func checkMisuse(t *testing.T, role, site, otherRole, otherSite string) {
	t.Helper()
	all := held(t)
	if len(all) != 1 || all[0].Rule != "waitgroup-misuse" || all[0].Certainty != finding.Observed || len(all[0].Places) != 2 {
		t.Fatalf("findings %v", all)
	}
	for i, want := range []struct{ role, site string }{{role, site}, {otherRole, otherSite}} {
		p := all[0].Places[i]
		if p.Role != want.role || !strings.HasPrefix(short(p.Stack), want.site) {
			t.Errorf("place %d: %s %v, want %v", i, p.Role, p.Stack, want)
		}
	}
}
