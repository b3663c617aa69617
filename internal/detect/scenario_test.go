//go:build !concdoctor_off

package detect_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect"
	"github.com/concdoctor/concdoctor/internal/sentences"
)

// run calls each function in a goroutine of its own, one after the other: they
// never meet.
func run(fs ...func()) {
	for _, f := range fs {
		done := make(chan struct{})
		go func() {
			defer close(done)
			f()
		}()
		<-done
	}
}

// brief is what the scenarios compare of a finding.
type brief struct {
	Rule         finding.RuleID
	Certainty    string
	Holds, Waits []string // top functions, sorted
}

func short(stack finding.Stack) string {
	name := stack.Site().ShortFunc()
	return name[strings.Index(name, ".")+1:]
}

func briefs(all []finding.Finding) []brief {
	var out []brief
	for _, f := range all {
		b := brief{Rule: f.Rule, Certainty: f.Certainty.String()}
		for _, g := range f.Goroutines {
			for _, h := range g.Holds {
				b.Holds = append(b.Holds, short(h.Stack))
			}
			b.Waits = append(b.Waits, short(g.Wait.Stack))
		}
		slices.Sort(b.Holds)
		slices.Sort(b.Waits)
		out = append(out, b)
	}
	return out
}

// held returns what was found, whose sentences must be known.
func held(t *testing.T) []finding.Finding {
	t.Helper()
	found := agent.Findings()
	sentences.Hold(t, found...)
	return found
}

// expect runs a scenario on a detector that knows nothing, and compares all that
// was found.
func expect(t *testing.T, scenario func(), want ...brief) {
	t.Helper()
	detect.ResetForTest(t)
	scenario()
	if diff := cmp.Diff(want, briefs(held(t))); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// locker is what the sequential scenarios are run with: Mutex and RWMutex.
type locker interface {
	Lock()
	TryLock() bool
	Unlock()
}

func eachLock(t *testing.T, f func(t *testing.T, make func() locker)) {
	t.Run("Mutex", func(t *testing.T) { f(t, func() locker { return new(agent.Mutex) }) })
	t.Run("RWMutex", func(t *testing.T) { f(t, func() locker { return new(agent.RWMutex) }) })
}

// takeFirst and so on exist for their names: they are the sites of findings.

//go:noinline
func takeFirst(l locker) { l.Lock() }

//go:noinline
func takeSecond(l locker) { l.Lock() }

func nest(locks ...locker) func() {
	return func() {
		takeFirst(locks[0])
		for _, l := range locks[1:] {
			takeSecond(l)
		}
		for _, l := range slices.Backward(locks) {
			l.Unlock()
		}
	}
}

func TestInversionsAreReported(t *testing.T) {
	pair := brief{"lock-cycle", "potential", []string{"takeFirst", "takeFirst"}, []string{"takeSecond", "takeSecond"}}
	ring := func(n int) brief {
		b := brief{Rule: "lock-cycle", Certainty: "potential"}
		for range n {
			b.Holds = append(b.Holds, "takeFirst")
			b.Waits = append(b.Waits, "takeSecond")
		}
		return b
	}
	eachLock(t, func(t *testing.T, mk func() locker) {
		t.Run("AB-BA", func(t *testing.T) {
			a, b := mk(), mk()
			expect(t, func() { run(nest(a, b), nest(b, a)) }, pair)
		})
		t.Run("rings of 3 to 6", func(t *testing.T) {
			for n := 3; n <= 6; n++ {
				locks := make([]locker, n)
				for i := range locks {
					locks[i] = mk()
				}
				expect(t, func() {
					for i := range locks {
						run(nest(locks[i], locks[(i+1)%n]))
					}
				}, ring(n))
			}
		})
		t.Run("the first lock was released before the cycle closes", func(t *testing.T) {
			a, b, c := mk(), mk(), mk()
			expect(t, func() {
				run(func() {
					takeFirst(a)
					takeFirst(b)
					a.Unlock() // b is held alone now
					takeSecond(c)
					c.Unlock()
					b.Unlock()
				}, nest(c, b))
			}, pair)
		})
		t.Run("an edge from every held lock", func(t *testing.T) {
			a, b, c := mk(), mk(), mk()
			expect(t, func() {
				run(nest(a, b, c), nest(c, a))
			}, pair)
		})
		t.Run("taken with TryLock, then held", func(t *testing.T) {
			a, b := mk(), mk()
			expect(t, func() {
				run(nest(a, b), func() {
					if !tryFirst(b) {
						panic("taken")
					}
					takeSecond(a)
					a.Unlock()
					b.Unlock()
				})
			}, brief{"lock-cycle", "potential", []string{"takeFirst", "tryFirst"}, []string{"takeSecond", "takeSecond"}})
		})
		t.Run("second goroutine with a known dependency", func(t *testing.T) {
			a, b := mk(), mk()
			expect(t, func() {
				run(func() { nest(a, b)(); nest(b, a)() }) // one goroutine: silent so far
				run(nest(a, b))
			}, pair)
		})
	})
}

//go:noinline
func tryFirst(l locker) bool { return l.TryLock() }

func TestHarmlessOrdersAreSilent(t *testing.T) {
	eachLock(t, func(t *testing.T, mk func() locker) {
		t.Run("one order", func(t *testing.T) {
			a, b, c := mk(), mk(), mk()
			expect(t, func() { run(nest(a, b, c), nest(a, c), nest(b, c), nest(a, b)) })
		})
		t.Run("gate lock", func(t *testing.T) {
			gate, a, b := mk(), mk(), mk()
			expect(t, func() { run(nest(gate, a, b), nest(gate, b, a)) })
		})
		t.Run("one goroutine only", func(t *testing.T) {
			a, b := mk(), mk()
			expect(t, func() { run(func() { nest(a, b)(); nest(b, a)() }) })
		})
		t.Run("TryLock makes no request", func(t *testing.T) {
			a, b := mk(), mk()
			expect(t, func() {
				run(nest(a, b), func() {
					takeFirst(b)
					if tryFirst(a) {
						a.Unlock()
					}
					b.Unlock()
				})
			})
		})
		t.Run("TryLock on one's own lock", func(t *testing.T) {
			a := mk()
			expect(t, func() {
				run(func() {
					takeFirst(a)
					if tryFirst(a) {
						panic("twice")
					}
					a.Unlock()
				})
			})
		})
		t.Run("released by another goroutine before the next acquire", func(t *testing.T) {
			a, b := mk(), mk()
			expect(t, func() {
				run(nest(a, b))
				locked, unlocked, done := make(chan bool), make(chan bool), make(chan bool)
				go func() {
					takeFirst(b)
					locked <- true
					<-unlocked
					takeSecond(a) // no goroutine holds b now
					a.Unlock()
					close(done)
				}()
				<-locked
				b.Unlock()
				close(unlocked)
				<-done
			})
		})
	})
}

func TestReadersDoNotExcludeEachOther(t *testing.T) {
	var a, b agent.RWMutex
	read := func(first, second *agent.RWMutex) func() {
		return func() {
			first.RLock()
			second.RLock()
			second.RUnlock()
			first.RUnlock()
		}
	}
	expect(t, func() { run(read(&a, &b), read(&b, &a)) })
}

func TestRLockerInversion(t *testing.T) {
	var a, b agent.RWMutex
	r := a.RLocker()
	expect(t, func() {
		run(func() {
			r.Lock()
			b.Lock()
			b.Unlock()
			r.Unlock()
		}, func() {
			b.Lock()
			a.Lock()
			a.Unlock()
			b.Unlock()
		})
	}, brief{"lock-cycle", "potential",
		[]string{"TestRLockerInversion.func.func", "TestRLockerInversion.func.func"},
		[]string{"TestRLockerInversion.func.func", "TestRLockerInversion.func.func"}})
}

// hang runs functions that end in a deadlock, and returns as soon as the agent
// has said so. The goroutines stay blocked, as they would in a real program.
func hang(t *testing.T, fs ...func()) {
	t.Helper()
	found := make(chan finding.Finding, 10)
	stop := agent.OnFinding(func(f finding.Finding) {
		predicted := f.Rule == "lock-cycle" || f.Rule == "rlock-recursion" && f.Certainty < finding.Observed
		if !predicted {
			found <- f
		}
	})
	defer stop()
	for _, f := range fs {
		go f()
	}
	select {
	case <-found:
	case <-time.After(30 * time.Second):
		t.Fatal("no deadlock reported")
	}
}

// barrier lets n goroutines go on when all have arrived.
func barrier(n int) func() {
	arrived, open := make(chan bool, n), make(chan bool)
	go func() {
		for range n {
			<-arrived
		}
		close(open)
	}()
	return func() {
		arrived <- true
		<-open
	}
}

func TestHungRings(t *testing.T) {
	eachLock(t, func(t *testing.T, mk func() locker) {
		for n := 2; n <= 5; n++ {
			t.Run(fmt.Sprint(n), func(t *testing.T) {
				detect.ResetForTest(t)
				meet := barrier(n)
				locks := make([]locker, n)
				for i := range locks {
					locks[i] = mk()
				}
				var fs []func()
				for i := range n {
					fs = append(fs, func() {
						takeFirst(locks[i])
						meet()
						takeSecond(locks[(i+1)%n])
					})
				}
				hang(t, fs...)
				want := brief{Rule: "deadlock", Certainty: "observed"}
				for range n {
					want.Holds = append(want.Holds, "takeFirst")
					want.Waits = append(want.Waits, "takeSecond")
				}
				potential := want
				potential.Rule, potential.Certainty = "lock-cycle", "potential"
				if diff := cmp.Diff([]brief{want, potential}, briefs(held(t))); diff != "" {
					t.Errorf("findings (-want +got):\n%s", diff)
				}
				checkDeadlock(t, agent.Findings()[0], n)
			})
		}
	})
}

// checkDeadlock looks at what the table of a scenario does not tell.
func checkDeadlock(t *testing.T, f finding.Finding, n int) {
	t.Helper()
	if len(f.Resources) != n || len(f.Goroutines) != n {
		t.Errorf("%d resources and %d goroutines, want %d of each", len(f.Resources), len(f.Goroutines), n)
	}
	for i, g := range f.Goroutines {
		next := f.Goroutines[(i+1)%len(f.Goroutines)]
		if next.Holds[0].Resource != g.Wait.Resource {
			t.Errorf("goroutine %d waits for %d, the next holds %d", i, g.Wait.Resource, next.Holds[0].Resource)
		}
		if got := g.Created.ShortFunc(); detect.KnowsCreators && got != "detect_test.hang" {
			t.Errorf("created by %q, want hang", got)
		}
	}
	if f.Coffman == nil || f.Coffman.Breaks != "circular wait" {
		t.Fatalf("Coffman table %v", f.Coffman)
	}
	for _, c := range f.Coffman.Named() {
		if !c.Holds || c.Evidence == "" {
			t.Errorf("%s: %v %q", c.Name, c.Holds, c.Evidence)
		}
	}
}

// soon makes waits for a lock of one's own be reported without much delay.
func soon() { agent.Configure(agent.Options{Output: io.Discard, SelfWait: time.Millisecond}) }

func TestSelfDeadlock(t *testing.T) {
	eachLock(t, func(t *testing.T, mk func() locker) {
		a := mk()
		expect(t, func() {
			soon()
			hang(t, func() {
				takeFirst(a)
				takeSecond(a)
			})
		}, brief{"self-deadlock", "potential", []string{"takeFirst"}, []string{"takeSecond"}})
	})
	t.Run("upgrade", func(t *testing.T) {
		var a agent.RWMutex
		expect(t, func() {
			soon()
			hang(t, func() {
				takeFirst(reader{&a})
				takeSecond(&a)
			})
		}, brief{"lock-upgrade", "potential", []string{"reader.Lock"}, []string{"takeSecond"}})
	})
}

// TestFirstHandOffIsSilent gives locks to goroutines that take their time, which none has
// done before.
func TestFirstHandOffIsSilent(t *testing.T) {
	const patience = 20 * time.Millisecond
	eachLock(t, func(t *testing.T, mk func() locker) {
		a := mk()
		expect(t, func() {
			agent.Configure(agent.Options{Output: io.Discard, SelfWait: patience})
			run(func() {
				takeFirst(a)
				go func() {
					time.Sleep(4 * patience)
					a.Unlock()
				}()
				takeSecond(a)
				a.Unlock()
			})
		})
	})
}

// reader takes the read side of a lock.
type reader struct{ rw *agent.RWMutex }

func (r reader) Lock()         { r.rw.RLock() }
func (r reader) TryLock() bool { return r.rw.TryRLock() }
func (r reader) Unlock()       { r.rw.RUnlock() }

func TestHandOffIsSilent(t *testing.T) {
	eachLock(t, func(t *testing.T, mk func() locker) {
		a := mk()
		give := func(during func()) {
			takeFirst(a)
			go func() {
				during()
				a.Unlock()
			}()
			takeSecond(a) // waits for the goroutine above: legal
			a.Unlock()
		}
		expect(t, func() {
			run(func() { give(nothing) })
			soon()                                                             // the place is known for it now
			run(func() { give(func() { time.Sleep(20 * time.Millisecond) }) }) // past the time at which it would be reported
		})
	})
}

// TestHandOffElsewhere gives a lock away once. That changes nothing about what is acquired at
// other places.
func TestHandOffElsewhere(t *testing.T) {
	give := func(l locker) {
		l.Lock()
		run(l.Unlock)
	}
	eachLock(t, func(t *testing.T, mk func() locker) {
		t.Run("an inversion", func(t *testing.T) {
			a, b := mk(), mk()
			expect(t, func() {
				give(a)
				run(nest(a, b), nest(b, a))
			}, brief{"lock-cycle", "potential", []string{"takeFirst", "takeFirst"}, []string{"takeSecond", "takeSecond"}})
		})
		t.Run("a lock for which its holder waits", func(t *testing.T) {
			a := mk()
			expect(t, func() {
				give(a)
				soon()
				hang(t, func() {
					takeFirst(a)
					takeSecond(a)
				})
			}, brief{"self-deadlock", "potential", []string{"takeFirst"}, []string{"takeSecond"}})
		})
		t.Run("an inversion with the hold that is given away", func(t *testing.T) {
			a, b := mk(), mk()
			expect(t, func() {
				run(func() {
					takeFirst(a)
					takeSecond(b)
					b.Unlock()
					end := make(chan bool)
					go func() { a.Unlock(); close(end) }()
					<-end
				}, nest(b, a))
			}, brief{"lock-cycle", "suspected", []string{"takeFirst", "takeFirst"}, []string{"takeSecond", "takeSecond"}})
		})
	})
}
