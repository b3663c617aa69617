//go:build !concdoctor_off

package detect_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/agent/snapshot"
	"github.com/concdoctor/concdoctor/internal/detect"
)

func resourceNames(f finding.Finding) (names []string) {
	for _, r := range f.Resources {
		names = append(names, r.Name)
	}
	return names
}

// embedding is a struct of a user's that is a lock itself.
type embedding struct{ agent.RWMutex }

func TestNameIsShown(t *testing.T) {
	var mutex agent.Mutex
	var embedded embedding
	detect.ResetForTest(t)
	agent.Name(&mutex, "accounts")
	agent.Name(&embedded, "index", agent.Nested(3))
	agent.Name(new(sync.Mutex), "a stranger")
	agent.Name(nil, "nobody")
	run(nest(&mutex, &embedded), nest(&embedded, &mutex))
	found := held(t)
	if len(found) != 1 {
		t.Fatalf("findings %v", briefs(found))
	}
	names := resourceNames(found[0])
	slices.Sort(names)
	if want := []string{"accounts", "index level 3"}; !slices.Equal(names, want) {
		t.Errorf("names %q, want %q", names, want)
	}
	var text strings.Builder
	if err := (finding.Printer{}).Print(&text, &found[0]); err != nil || !strings.Contains(text.String(), "mutex accounts") {
		t.Errorf("%v: no name in\n%s", err, &text)
	}
}

func TestEverythingHasNames(t *testing.T) {
	detect.ResetForTest(t)
	var mutex agent.Mutex
	var rw agent.RWMutex
	var once agent.Once
	var group agent.WaitGroup
	for name, object := range map[string]any{
		"mutex": &mutex, "rwmutex": &embedding{}, "reader": rw.RLocker(), "once": &once, "group": &group,
		"cond": agent.NewCond(&mutex), "channel": agent.MakeChan[int](1),
	} {
		agent.Name(object, name)
		if got := detect.NameOf(stateOf(object)); got != name {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := detect.NameOf(stateOf(&rw)); got != "reader" {
		t.Errorf("the lock of the reader: %q", got)
	}
	agent.Name(agent.Chan[int]{}, "the nil channel")
	jobs := agent.MakeChan[int](1)
	agent.Name(jobs, "jobs")
	func() {
		defer func() { recover() }()
		jobs.Close()
		jobs.Close()
	}()
	if f := agent.Findings(); len(f) != 1 || !slices.Equal(resourceNames(f[0]), []string{"jobs"}) {
		t.Errorf("findings %+v", f)
	}
}

// A second name changes the first, and leaves the level.
func TestRename(t *testing.T) {
	var a, b agent.Mutex
	detect.ResetForTest(t)
	agent.Name(&a, "x", agent.Nested(1))
	agent.Name(&a, "rows")
	agent.Name(&b, "rows", agent.Nested(7), agent.Nested(0))
	run(nest(&a, &b))
	found := held(t)
	if len(found) != 1 || !slices.Equal(resourceNames(found[0]), []string{"rows level 0", "rows level 1"}) {
		t.Errorf("findings %+v", found)
	}
}

// Locks of one name are one class, wherever they were taken first.
func TestNamesAreClasses(t *testing.T) {
	detect.ResetForTest(t)
	measured(t)
	var before, after agent.Mutex
	takeFirst(&before)
	before.Unlock()
	agent.Name(&before, "shard of this test")
	agent.Name(&after, "shard of this test")
	takeFirst(&before)
	takeSecond(&after)
	after.Unlock()
	before.Unlock()
	for _, c := range agent.Snapshot(snapshot.Options{MaxStacks: -1}).Classes {
		if c.Name == "shard of this test" {
			if c.Held.Count != 2 {
				t.Errorf("held %d times since they have the name", c.Held.Count)
			}
			return
		}
	}
	t.Error("no class of the name")
}

func TestForget(t *testing.T) {
	eachLock(t, func(t *testing.T, mk func() locker) {
		inverted := brief{"lock-cycle", "potential", []string{"takeFirst", "takeFirst"}, []string{"takeSecond", "takeSecond"}}
		t.Run("roles that a pool swaps", func(t *testing.T) {
			a, b := mk(), mk()
			expect(t, func() {
				run(nest(a, b))
				agent.Forget(a, b)
				run(nest(b, a))
			})
		})
		t.Run("only one was forgotten", func(t *testing.T) {
			a, b, c := mk(), mk(), mk()
			expect(t, func() {
				run(nest(a, b), nest(b, c))
				agent.Forget(a, new(sync.Mutex), nil)
				run(nest(b, a), nest(c, b))
			}, inverted)
		})
		t.Run("what was taken under it", func(t *testing.T) {
			gate, a, b := mk(), mk(), mk()
			expect(t, func() {
				run(nest(gate, a, b), nest(gate, b, a))
				agent.Forget(gate)
				run(nest(a, mk()), nest(b, mk())) // no leaves any more
			})
		})
		t.Run("a ring through it", func(t *testing.T) {
			a, b, c := mk(), mk(), mk()
			expect(t, func() {
				run(nest(a, b), nest(c, a))
				agent.Forget(a)
				run(nest(b, c))
			})
		})
		t.Run("while it is held", func(t *testing.T) {
			a, b := mk(), mk()
			expect(t, func() {
				run(func() {
					takeFirst(a)
					agent.Forget(a)
					takeSecond(b) // under nothing that is known
					b.Unlock()
					a.Unlock()
				}, nest(b, a))
			})
		})
		t.Run("the orders after it", func(t *testing.T) {
			a, b := mk(), mk()
			expect(t, func() {
				run(nest(a, b))
				agent.Forget(a, b)
				run(nest(b, a), nest(a, b))
			}, inverted)
		})
		t.Run("declared orders and names", func(t *testing.T) {
			a, b := mk(), mk()
			expect(t, func() {
				agent.Ordered(a, b)
				agent.Name(a, "rows", agent.Nested(1))
				agent.Name(b, "rows", agent.Nested(2))
				agent.Forget(a)
				run(nest(b, a))
			})
		})
	})
}

func TestDeclaredOrders(t *testing.T) {
	against := brief{"lock-order", "observed", []string{"takeFirst"}, []string{"takeSecond"}}
	eachLock(t, func(t *testing.T, mk func() locker) {
		for _, tt := range []struct {
			name string
			run  func(a, b, c locker)
			want []brief
		}{
			{"once, by one goroutine", func(a, b, c locker) { agent.Ordered(a, b); nest(b, a)() }, []brief{against}},
			{"through a third", func(a, b, c locker) { agent.Ordered(a, b, c); run(nest(c, a)) }, []brief{against}},
			{"in two declarations", func(a, b, c locker) { agent.Ordered(a, b); agent.Ordered(b, c); run(nest(c, a)) }, []brief{against}},
			{"by names", func(a, b, c locker) {
				agent.Name(a, "parent")
				agent.Name(b, "child")
				agent.Ordered("parent", "child", c)
				run(nest(b, a), nest(c, a))
			}, []brief{against}},
			{"by levels", func(a, b, c locker) {
				agent.Name(a, "rows", agent.Nested(1))
				agent.Name(b, "rows", agent.Nested(2))
				nest(b, a)()
			}, []brief{against}},

			{"in order", func(a, b, c locker) { agent.Ordered(a, b, c); run(nest(a, b), nest(a, c), nest(b, c), nest(a, b, c)) }, nil},
			{"what is not declared", func(a, b, c locker) { agent.Ordered(a, b); run(nest(b, c), nest(c, a)) }, nil},
			{"levels in order", func(a, b, c locker) {
				for i, l := range []locker{a, b, c} {
					agent.Name(l, "rows", agent.Nested(i))
				}
				run(nest(a, b, c), nest(a, c))
			}, nil},
			{"levels of two names", func(a, b, c locker) {
				agent.Name(a, "rows", agent.Nested(1))
				agent.Name(b, "columns", agent.Nested(2))
				run(nest(b, a))
			}, nil},
			{"one level", func(a, b, c locker) {
				agent.Name(a, "rows", agent.Nested(1))
				agent.Name(b, "rows", agent.Nested(1))
				run(nest(b, a))
			}, nil},
			{"TryLock may", func(a, b, c locker) {
				agent.Ordered(a, b)
				takeFirst(b)
				if tryFirst(a) {
					a.Unlock()
				}
				b.Unlock()
			}, nil},
			{"nothing to declare", func(a, b, c locker) {
				agent.Ordered()
				agent.Ordered(a)
				agent.Ordered(a, new(sync.Mutex), b, nil)
				agent.Ordered(a, a)
				run(nest(b, a))
			}, nil},
		} {
			t.Run(tt.name, func(t *testing.T) {
				expect(t, func() { tt.run(mk(), mk(), mk()) }, tt.want...)
			})
		}
	})
}

func TestLockArraysWithLevels(t *testing.T) {
	rows := make([]agent.Mutex, 20)
	expect(t, func() {
		for i := range rows {
			agent.Name(&rows[i], "row", agent.Nested(i))
		}
		for i := range rows {
			for j := i + 1; j < len(rows); j++ {
				run(nest(&rows[i], &rows[j]))
			}
		}
	})
}

//go:noinline
func declare(locks ...any) { agent.Ordered(locks...) }

func TestContradictions(t *testing.T) {
	detect.ResetForTest(t)
	var a, b, c agent.Mutex
	agent.Name(&a, "accounts")
	declare(&a, &b, &c)
	declare(&c, &a)
	found := held(t)
	if len(found) != 1 || found[0].Rule != "lock-order" || len(found[0].Places) != 2 {
		t.Fatalf("findings %+v", found)
	}
	for _, p := range found[0].Places {
		if short(p.Stack) != "declare" {
			t.Errorf("at %v", p.Stack)
		}
	}
	if !slices.Equal(resourceNames(found[0]), []string{"", "accounts"}) {
		t.Errorf("resources %v", found[0].Resources)
	}
	run(nest(&a, &c)) // as it was declared first
	if n := len(agent.Findings()); n != 1 {
		t.Errorf("%d findings", n)
	}
}
