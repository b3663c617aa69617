//go:build !concdoctor_off

package detect_test

import (
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect"
)

// watched is a program that the watch looks at, with a clock of the test's own.
type watched struct {
	*testing.T
	clock *detect.ScanClock
	// worked is the processor time of the process.
	worked time.Duration
	end    chan bool
	all    sync.WaitGroup
}

// step is the pause between two looks.
const step = 15 * time.Minute

// watch begins a test with limits of an hour.
func watch(t *testing.T, o agent.Options) *watched {
	t.Helper()
	detect.ResetForTest(t)
	o.Output = io.Discard
	if o.SelfWait == 0 {
		o.SelfWait = 100 * time.Hour // the court of hangs says nothing
	}
	if o.HoldLimit == 0 {
		o.HoldLimit = time.Hour
	}
	if o.WaitLimit == 0 {
		o.WaitLimit = time.Hour
	}
	agent.Configure(o)
	w := &watched{T: t, end: make(chan bool)}
	t.Cleanup(func() {
		close(w.end)
		w.all.Wait()
	})
	return w
}

// look waits until so many goroutines are blocked, and lets time pass.
func (w *watched) look(blocked int, long time.Duration) {
	detect.AwaitBlocked(blocked)
	if w.clock == nil {
		w.clock = detect.NewScanClock(func() time.Duration { return w.worked })
	}
	for ; long > 0; long -= step {
		w.clock.Advance(step)
	}
}

func (w *watched) isOver() bool {
	select {
	case <-w.end:
		return true
	default:
		return false
	}
}

// expect compares all findings but those of other rules: rule, severity, where the first
// goroutine holds or waits, where the others are, and what the detail says.
func (w *watched) expect(want ...string) {
	w.Helper()
	var got []string
	for _, f := range held(w.T) {
		text := string(f.Rule) + " " + f.Severity.String()
		for _, g := range f.Goroutines {
			for _, h := range g.Holds {
				text += " holds:" + short(h.Stack)
			}
			switch {
			case g.Wait != nil:
				text += " waits:" + short(g.Wait.Stack)
			case g.Stack != nil:
				text += " is:" + g.State
			}
		}
		got = append(got, text)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		w.Errorf("findings\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

//go:noinline
func keepWhile(l locker, work func()) {
	takeFirst(l)
	defer l.Unlock()
	work()
}

//go:noinline
func receivePlain(c chan bool) { <-c }

func waitAndGo(l locker) {
	takeSecond(l)
	l.Unlock()
}

func TestHeldLong(t *testing.T) {
	eachLock(t, func(t *testing.T, mk func() locker) {
		w := watch(t, agent.Options{})
		mu := mk()
		w.all.Go(func() { keepWhile(mu, func() { receivePlain(w.end) }) })
		for mu.TryLock() {
			mu.Unlock()
		}
		for range 2 {
			w.all.Go(func() { waitAndGo(mu) })
		}
		w.look(2, time.Hour-step)
		w.expect()
		w.look(2, 3*step)
		w.expect("held-long error holds:takeFirst waits:receivePlain waits:takeSecond")
		f := agent.Findings()[0]
		if f.Count != 1 || f.Certainty != finding.Observed || f.Measures[1] != finding.Number("goroutines that wait", 2) {
			t.Errorf("%+v", f)
		}
	})
}

func TestHeldLongWhatHolderDoes(t *testing.T) {
	hold := func(w *watched, work func()) {
		mu := new(agent.Mutex)
		w.all.Go(func() { keepWhile(mu, work) })
		for mu.TryLock() {
			mu.Unlock()
		}
		w.all.Go(func() { waitAndGo(mu) })
	}
	t.Run("sleeps", func(t *testing.T) {
		w := watch(t, agent.Options{})
		hold(w, func() {
			for !w.isOver() {
				time.Sleep(50 * time.Millisecond)
			}
		})
		w.look(1, 2*time.Hour)
		w.expect("held-long warning holds:takeFirst is:sleep waits:takeSecond")
	})
	t.Run("waits for a message of the agent's", func(t *testing.T) {
		w := watch(t, agent.Options{})
		c := agent.MakeChan[int](0)
		t.Cleanup(c.Close) // before the goroutines are awaited
		hold(w, func() { receiveHere(c) })
		w.look(2, 2*time.Hour)
		w.expect("held-long error holds:takeFirst waits:receiveHere waits:takeSecond")
	})
	t.Run("computes", func(t *testing.T) {
		if !detect.KnowsCreators {
			t.Skip("this build does not know what goroutines do")
		}
		w := watch(t, agent.Options{})
		hold(w, func() {
			for !w.isOver() {
				runtime.Gosched()
			}
		})
		w.look(1, 3*time.Hour) // a machine that never lets it run
		w.expect()
		for range 5 {
			w.worked += step
			w.look(1, step)
		}
		w.expect("held-long warning holds:takeFirst is:running waits:takeSecond")
	})
	t.Run("the process is stopped", func(t *testing.T) {
		w := watch(t, agent.Options{SelfWait: 4 * step})
		hold(w, func() { receivePlain(w.end) })
		w.look(1, step)
		w.clock.Advance(100 * time.Hour)
		w.expect()
	})
	t.Run("there is no limit", func(t *testing.T) {
		w := watch(t, agent.Options{HoldLimit: -1, WaitLimit: -1})
		hold(w, func() { receivePlain(w.end) })
		w.look(1, 3*time.Hour)
		w.expect()
	})
}

// TestHeldLongCause: what waits for the cause is not told besides.
func TestHeldLongCause(t *testing.T) {
	w := watch(t, agent.Options{})
	var first, second agent.Mutex
	w.all.Go(func() { keepWhile(&first, func() { receivePlain(w.end) }) })
	for first.TryLock() {
		first.Unlock()
	}
	w.all.Go(func() { keepWhile(&second, func() { waitAndGo(&first) }) })
	detect.AwaitBlocked(1)
	w.all.Go(func() { waitAndGo(&second) })
	w.look(2, 3*time.Hour)
	w.expect("held-long error holds:takeFirst waits:receivePlain holds:takeFirst waits:takeSecond")
}

// TestHeldLongIsNoDeadlock: a deadlock says more.
func TestHeldLongIsNoDeadlock(t *testing.T) {
	w := watch(t, agent.Options{})
	var a, b agent.Mutex
	meet := barrier(2)
	for _, locks := range [][]*agent.Mutex{{&a, &b}, {&b, &a}} {
		go keepWhile(locks[0], func() { // it hangs for ever
			meet()
			takeSecond(locks[1])
		})
	}
	detect.AwaitBlocked(2)
	isDeadlock := func(f finding.Finding) bool { return f.Rule == finding.RuleDeadlock }
	for !slices.ContainsFunc(agent.Findings(), isDeadlock) { // they are blocked a moment before it is found
		runtime.Gosched()
	}
	go waitAndGo(&a) // it suffers from the deadlock
	w.look(3, 3*time.Hour)
	for _, f := range agent.Findings() {
		if f.Rule == finding.RuleHeldLong || f.Rule == finding.RuleWaitedLong {
			t.Errorf("%s besides the deadlock: %s", f.Rule, f.Title)
		}
	}
}

// TestHeldLongHealthy: goroutines that wait for hours.
func TestHeldLongHealthy(t *testing.T) {
	w := watch(t, agent.Options{})
	var mu agent.Mutex
	some := agent.NewCond(&mu)
	jobs := agent.MakeChan[int](0)
	var workers agent.WaitGroup
	for range 2 {
		workers.Go(func() {
			mu.Lock()
			some.Wait()
			mu.Unlock()
		})
		workers.Go(func() { receiveHere(jobs) })
	}
	w.all.Go(func() { keepWhile(new(agent.Mutex), func() { receivePlain(w.end) }) }) // for life, and nobody minds
	go workers.Wait()
	w.look(5, 3*time.Hour)
	some.Broadcast()
	jobs.Close()
	workers.Wait()
	for _, f := range agent.Findings() {
		if f.Rule == finding.RuleHeldLong || f.Rule == finding.RuleWaitedLong {
			t.Errorf("%s: %s", f.Rule, f.Title)
		}
	}
}

// TestWaitedLong: a lock goes from one goroutine to the next, and one waits all the time.
func TestWaitedLong(t *testing.T) {
	w := watch(t, agent.Options{})
	var mu agent.Mutex
	next, has := make(chan bool), make(chan bool)
	turn := func() {
		takeFirst(&mu)
		has <- true
		<-next
		mu.Unlock()
	}
	w.all.Go(turn)
	<-has
	const others = 6
	for i := range others {
		w.all.Go(turn)
		detect.AwaitBlocked(i + 1)
	}
	for i := range others {
		w.look(others-i, step)
		next <- true
		<-has
	}
	w.expect("waited-long warning waits:takeFirst holds:takeFirst waits:TestWaitedLong.func")
	close(next)
}
