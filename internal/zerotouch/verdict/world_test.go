package verdict

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockorder"
	"github.com/concdoctor/concdoctor/internal/sentences"
	"github.com/concdoctor/concdoctor/internal/zerotouch/naming"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// world writes a tape step by step. Time passes by a millisecond with each step.
type world struct {
	t       tape.Tape
	objects uint64
	// isOneMoment is the scene's.
	isOneMoment bool
}

func newWorld() *world {
	return &world{t: tape.Tape{PID: 1, Now: 1, StartMono: 1}}
}

func (w *world) tick() int64 {
	w.t.Now += int64(time.Millisecond)
	return w.t.Now
}

func (w *world) object(k tape.Kind) tape.Object {
	w.objects++
	return tape.Object{ID: w.objects, Addr: 0xc000000000 + w.objects*64, Kind: k}
}

func (w *world) mutex() tape.Object   { return w.object(tape.Mutex) }
func (w *world) rw() tape.Object      { return w.object(tape.RWMutex) }
func (w *world) channel() tape.Object { return w.object(tape.Chan) }
func (w *world) group() tape.Object   { return w.object(tape.WaitGroup) }

// at is a stack of the user's function, called by others.
func at(fn string, callers ...string) finding.Stack {
	s := finding.Stack{{Func: "sync.(*Mutex).Lock", File: "/go/src/sync/mutex.go", Line: 1}, {Func: "bank." + fn, File: "/w/bank/bank.go", Line: len(fn)}}
	for _, c := range callers {
		s = append(s, finding.Frame{Func: "bank." + c, File: "/w/bank/bank.go", Line: len(c)})
	}
	return s
}

// actor is a goroutine of the world. Its place in the tape may move: it is found by id.
type actor struct {
	w    *world
	id   uint64
	test string
}

// start has a goroutine begin that another one creates; nil for the runtime.
func (w *world) start(id uint64, parent *actor) *actor {
	g := tape.Goroutine{ID: id, Seq: 2, Born: w.tick()}
	a := &actor{w: w, id: id}
	if parent != nil {
		g.Parent, g.Test = parent.id, parent.test
		a.test = parent.test
		g.Created = finding.Stack{{Func: "bank.Run", File: "/w/bank/bank.go", Line: 9}}
	}
	w.t.Goroutines = append(w.t.Goroutines, g)
	return a
}

// test has a test begin that package testing runs in a goroutine of its own.
func (w *world) test(id uint64, parent *actor, name string) *actor {
	a := w.start(id, parent)
	a.test = name
	a.g().Test = name
	a.g().Created = finding.Stack{{Func: "testing.(*T).Run", File: "/go/src/testing/testing.go", Line: 1}}
	w.t.Tests = append(w.t.Tests, tape.Test{Name: name, Goroutine: id, Begin: w.tick()})
	return a
}

func (w *world) endTest(name string) {
	for i := range w.t.Tests {
		if w.t.Tests[i].Name == name {
			w.t.Tests[i].End = w.tick()
		}
	}
}

func (a *actor) g() *tape.Goroutine {
	i := slices.IndexFunc(a.w.t.Goroutines, func(g tape.Goroutine) bool { return g.ID == a.id })
	return &a.w.t.Goroutines[i]
}

// end has the goroutine end.
func (a *actor) end() {
	a.w.tick()
	a.w.t.Goroutines = slices.DeleteFunc(a.w.t.Goroutines, func(g tape.Goroutine) bool { return g.ID == a.id })
}

// ask writes down the request for a lock under what is held.
func (a *actor) ask(o tape.Object, m lockorder.Mode, fn string, callers ...string) {
	g := a.g()
	write := len(g.Held) > 0 || o.Kind == tape.RWMutex && m == lockorder.Exclusive
	if !write {
		return
	}
	a.w.t.Dependencies = append(a.w.t.Dependencies, tape.Dependency{
		Goroutine: a.id, Parent: g.Parent, Created: g.Created, Born: g.Born, Test: g.Test, Time: a.w.tick(),
		Lock: o, Mode: m, Stack: at(fn, callers...), Held: slices.Clone(g.Held),
	})
}

// lock takes a lock in a function.
func (a *actor) lock(o tape.Object, fn string, callers ...string) {
	a.take(o, lockorder.Exclusive, fn, callers...)
}

func (a *actor) rlock(o tape.Object, fn string, callers ...string) {
	a.take(o, lockorder.Shared, fn, callers...)
}

func (a *actor) take(o tape.Object, m lockorder.Mode, fn string, callers ...string) {
	a.ask(o, m, fn, callers...)
	a.hold(o, m, fn, callers...)
}

func (a *actor) hold(o tape.Object, m lockorder.Mode, fn string, callers ...string) {
	g := a.g()
	g.Held = append(g.Held, tape.Hold{Object: o, Mode: m, Stack: at(fn, callers...), Since: a.w.tick()})
}

// unlock releases what was taken last.
func (a *actor) unlock(n int) {
	g := a.g()
	g.Held = g.Held[:len(g.Held)-n]
}

// blockOn has the goroutine wait for a lock.
func (a *actor) blockOn(o tape.Object, m lockorder.Mode, fn string) {
	a.ask(o, m, fn)
	a.g().Wait = &tape.Wait{Kind: o.Kind, Mode: m, Cases: []tape.Case{{Object: o}}, Stack: at(fn), Since: a.w.tick()}
}

// wait has the goroutine wait for something that is no lock.
func (a *actor) wait(o tape.Object, s tape.Side, fn string) {
	a.g().Wait = &tape.Wait{Kind: o.Kind, Cases: []tape.Case{{Object: o, Side: s}}, Stack: at(fn), Since: a.w.tick()}
}

func (a *actor) sel(fn string, cases ...tape.Case) {
	a.g().Wait = &tape.Wait{Kind: tape.Select, Cases: cases, Stack: at(fn), Since: a.w.tick()}
}

// use writes down that the goroutine did something to an object.
func (a *actor) use(o tape.Object, s tape.Side, fn string) {
	a.w.t.Uses = append(a.w.t.Uses, tape.Use{Goroutine: a.id, Test: a.test, Time: a.w.tick(), Object: o, Side: s, Stack: at(fn)})
}

// inTest has package testing wait for a test.
func (a *actor) inTest(o tape.Object) {
	a.g().Wait = &tape.Wait{
		Kind: tape.Chan, Cases: []tape.Case{{Object: o, Side: tape.Recv}}, Since: a.w.tick(),
		Stack: finding.Stack{{Func: "testing.(*T).Run", File: "/go/src/testing/testing.go", Line: 1}},
	}
}

// nest takes locks one under the other and releases them: the first in first, the
// others in second, both called by fn.
func (a *actor) nest(fn string, locks ...tape.Object) {
	for i, o := range locks {
		name := "takeFirst"
		if i > 0 {
			name = "takeSecond"
		}
		a.lock(o, name, fn)
	}
	a.unlock(len(locks))
}

// brief is what is compared of a finding.
type brief struct {
	Rule         finding.RuleID
	Certainty    string
	Resources    []finding.ResourceKind
	Holds, Waits []string // top functions, sorted
}

func briefOf(f *finding.Finding) brief {
	b := brief{Rule: f.Rule, Certainty: f.Certainty.String()}
	for _, r := range f.Resources {
		b.Resources = append(b.Resources, r.Kind)
	}
	for _, g := range f.Goroutines {
		for _, h := range g.Holds {
			b.Holds = append(b.Holds, h.Stack.Site().ShortFunc())
		}
		if g.Wait != nil {
			b.Waits = append(b.Waits, g.Wait.Stack.Site().ShortFunc())
		}
	}
	if b.Waits == nil {
		for _, p := range f.Places {
			b.Waits = append(b.Waits, p.Stack.Site().ShortFunc())
		}
	}
	slices.Sort(b.Resources)
	slices.Sort(b.Holds)
	slices.Sort(b.Waits)
	return b
}

// scenario is a tape with what must be said of it.
type scenario struct {
	name  string
	write func(w *world)
	want  []brief
}

func (sc *scenario) run(t *testing.T) {
	w := newWorld()
	sc.write(w)
	var got []brief
	s := newScene(&w.t, new(naming.Namer))
	s.isOneMoment = s.isOneMoment || w.isOneMoment
	for _, p := range s.judge(DefaultSelfWait) {
		if p.Title == "" || p.Fix == "" {
			t.Errorf("%s: title %q, fix %q", p.Rule, p.Title, p.Fix)
		}
		got = append(got, briefOf(&p.Finding))
		sentences.Hold(t, p.Finding)
	}
	if diff := cmp.Diff(sc.want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func runAll(t *testing.T, all []scenario) {
	for i := range all {
		t.Run(all[i].name, all[i].run)
	}
}
