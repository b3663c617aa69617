//go:build !concdoctor_off

package detect_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect"
)

//go:noinline
func doFirst(o *agent.Once, f func()) { o.Do(f) }

//go:noinline
func doSecond(o *agent.Once, f func()) { o.Do(f) }

func nothing() {}

func TestOnceReentry(t *testing.T) {
	t.Run("Once", func(t *testing.T) {
		var o agent.Once
		expect(t, func() { // no wait is long enough here: it is said at once
			hang(t, func() { doFirst(&o, func() { doSecond(&o, nothing) }) })
		}, brief{"self-deadlock", "observed", []string{"doFirst"}, []string{"doSecond"}})
	})
	t.Run("OnceValue", func(t *testing.T) {
		var value func() int
		value = agent.OnceValue(func() int { return value() + 1 })
		detect.ResetForTest(t)
		hang(t, func() { value() })
		got := held(t)
		if len(got) != 1 || got[0].Rule != "self-deadlock" || got[0].Certainty != finding.Observed {
			t.Errorf("findings %v", briefs(got))
		}
	})
}

func TestOncesCross(t *testing.T) {
	want := brief{"lock-cycle", "potential", []string{"doFirst", "doFirst"}, []string{"doSecond", "doSecond"}}
	t.Run("in turn", func(t *testing.T) {
		var a, b agent.Once
		expect(t, func() {
			run(
				func() { doFirst(&a, func() { doSecond(&b, nothing) }) },
				func() { doFirst(&b, func() { panic("done before") }) },
			)
		})
		var c, d agent.Once
		expect(t, func() { // as two goroutines would, of which neither has come to the second yet
			aIn, bIn := make(chan bool), make(chan bool)
			hang(t,
				func() { doFirst(&c, func() { close(aIn); <-bIn; doSecond(&d, nothing) }) },
				func() { doFirst(&d, func() { close(bIn); <-aIn; doSecond(&c, nothing) }) },
			)
		}, brief{"deadlock", "observed", want.Holds, want.Waits}, want)
	})
}

func TestOnceAndLock(t *testing.T) {
	eachLock(t, func(t *testing.T, mk func() locker) {
		t.Run("hung", func(t *testing.T) {
			l := mk()
			var o agent.Once
			meet := barrier(2)
			detect.ResetForTest(t)
			hang(t,
				func() { doFirst(&o, func() { meet(); takeSecond(l) }) },
				func() { takeFirst(l); meet(); doSecond(&o, nothing) },
			)
			all := held(t)
			want := []brief{
				{"deadlock", "observed", []string{"doFirst", "takeFirst"}, []string{"doSecond", "takeSecond"}},
				{"lock-cycle", "potential", []string{"doFirst", "takeFirst"}, []string{"doSecond", "takeSecond"}},
			}
			if diff := cmp.Diff(want, briefs(all)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
		t.Run("the function asks, a later caller holds", func(t *testing.T) {
			l := mk()
			var o agent.Once
			expect(t, func() {
				run(
					func() { doFirst(&o, func() { takeSecond(l); l.Unlock() }) },
					func() { takeFirst(l); doSecond(&o, nothing); l.Unlock() },
				)
			}, brief{"lock-cycle", "potential", []string{"doFirst", "takeFirst"}, []string{"doSecond", "takeSecond"}})
		})
		t.Run("the later caller came after a Do of its own", func(t *testing.T) {
			l := mk()
			var o agent.Once
			expect(t, func() {
				run(
					func() { doFirst(&o, func() { takeSecond(l); l.Unlock() }) },
					func() { doFirst(&o, nothing); takeFirst(l); doSecond(&o, nothing); l.Unlock() },
				)
			})
		})
		t.Run("one order", func(t *testing.T) {
			l := mk()
			var o agent.Once
			call := func() { takeFirst(l); doSecond(&o, nothing); l.Unlock() }
			expect(t, func() { run(call, call, func() { doFirst(&o, nothing); takeSecond(l); l.Unlock() }) })
		})
	})
}

func TestOncePanics(t *testing.T) {
	var o agent.Once
	detect.ResetForTest(t)
	func() {
		defer func() {
			if r := recover(); r != "first" {
				t.Errorf("recovered %v", r)
			}
		}()
		o.Do(func() { panic("first") })
	}()
	run(func() { o.Do(func() { t.Error("called again") }) })
}
