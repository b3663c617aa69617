//go:build !concdoctor_off

package detect_test

import (
	"io"
	"testing"

	"github.com/concdoctor/concdoctor/agent"
)

// forked runs f in a goroutine that agent.Go starts, and returns when it has ended.
// The caller learns that through a plain channel: no order for the agent.
func forked(f func()) {
	done := make(chan struct{})
	agent.Go(func() {
		defer close(done)
		f()
	})
	<-done
}

// opposite is what a test expects of nest(a, b) and nest(b, a).
func opposite(certainty string) brief {
	return brief{"lock-cycle", certainty, []string{"takeFirst", "takeFirst"}, []string{"takeSecond", "takeSecond"}}
}

func TestForkedInversions(t *testing.T) {
	eachLock(t, func(t *testing.T, mk func() locker) {
		t.Run("before the go statement and in the child", func(t *testing.T) {
			a, b := mk(), mk()
			expect(t, func() {
				nest(a, b)()
				forked(nest(b, a))
			})
		})
		t.Run("in the child and after the go statement", func(t *testing.T) {
			a, b := mk(), mk()
			expect(t, func() {
				forked(nest(b, a))
				nest(a, b)()
			}, opposite("potential"))
		})
		t.Run("before the go statement and in a grandchild", func(t *testing.T) {
			a, b := mk(), mk()
			expect(t, func() {
				nest(a, b)()
				forked(func() { forked(nest(b, a)) })
			})
		})
		t.Run("a plain go statement tells nothing", func(t *testing.T) {
			a, b := mk(), mk()
			expect(t, func() {
				nest(a, b)()
				run(nest(b, a))
			}, opposite("potential"))
		})
		t.Run("in two children", func(t *testing.T) {
			a, b := mk(), mk()
			expect(t, func() {
				forked(nest(a, b))
				forked(nest(b, a))
			}, opposite("potential"))
		})
		t.Run("a known request again, after the go statement", func(t *testing.T) {
			a, b := mk(), mk()
			expect(t, func() {
				for range 10 {
					nest(a, b)()
				}
				forked(nest(b, a))
				for range 10 {
					nest(a, b)()
				}
			}, opposite("potential"))
		})
		t.Run("a known request of many, all before the last go statement", func(t *testing.T) {
			for _, again := range []bool{false, true} {
				a, b := mk(), mk()
				var descend func(n int)
				descend = func(n int) {
					nest(a, b)()
					if n > 0 {
						forked(func() { descend(n - 1) })
						return
					}
					forked(nest(b, a))
					if again {
						nest(a, b)()
					}
				}
				var want []brief
				if again {
					want = append(want, opposite("potential"))
				}
				expect(t, func() { descend(8) }, want...)
			}
		})
		t.Run("ring of three, two of them ordered", func(t *testing.T) {
			a, b, c := mk(), mk(), mk()
			expect(t, func() {
				nest(a, b)()
				run(nest(b, c))
				forked(nest(c, a))
			})
		})
		t.Run("ordered, and asked for", func(t *testing.T) {
			a, b := mk(), mk()
			expect(t, func() {
				agent.Configure(agent.Options{Output: io.Discard, Ordered: agent.ReportOrdered})
				nest(a, b)()
				forked(nest(b, a))
			}, opposite("suspected"))
		})
	})
}

func TestForkedReaders(t *testing.T) {
	twice := func(rw *agent.RWMutex) func() {
		return func() {
			takeFirst(reader{rw})
			takeSecond(reader{rw})
			rw.RUnlock()
			rw.RUnlock()
		}
	}
	write := func(rw *agent.RWMutex) func() {
		return func() {
			takeFirst(rw)
			rw.Unlock()
		}
	}
	recursion := brief{"rlock-recursion", "potential", []string{"reader.Lock"}, []string{"reader.Lock", "takeFirst"}}
	t.Run("written before the go statement, read twice in the child", func(t *testing.T) {
		var rw agent.RWMutex
		expect(t, func() {
			write(&rw)()
			forked(twice(&rw))
		})
	})
	t.Run("written again after it", func(t *testing.T) {
		var rw agent.RWMutex
		expect(t, func() {
			write(&rw)()
			forked(twice(&rw))
			write(&rw)()
		}, recursion)
	})
	t.Run("read twice before it, written in the child", func(t *testing.T) {
		var rw agent.RWMutex
		expect(t, func() {
			twice(&rw)()
			forked(write(&rw))
		})
	})
	t.Run("read twice again after it", func(t *testing.T) {
		var rw agent.RWMutex
		expect(t, func() {
			twice(&rw)()
			forked(write(&rw))
			twice(&rw)()
		}, recursion)
	})
	t.Run("readers both ways, with a writer before them", func(t *testing.T) {
		var a, b agent.RWMutex
		read := func(first, second *agent.RWMutex) func() {
			return nest(reader{first}, reader{second})
		}
		expect(t, func() {
			write(&a)()
			write(&b)()
			forked(read(&a, &b))
			forked(read(&b, &a))
		})
	})
}
