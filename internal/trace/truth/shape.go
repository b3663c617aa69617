package truth

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// halves is a lock whose hold is 4 ms in one run and half of it in the next, so that
// what halving it saves is known.
type halves struct {
	ledger
	mu sync.Mutex
}

func (h *halves) whole(b *book) {
	b.ask()
	h.mu.Lock()
	b.acquired()
	time.Sleep(4 * time.Millisecond)
	b.release()
	h.mu.Unlock()
}

func (h *halves) half(b *book) {
	b.ask()
	h.mu.Lock()
	b.acquired()
	time.Sleep(2 * time.Millisecond)
	b.release()
	h.mu.Unlock()
}

func runHalves(j *Journal) {
	run := func(section func(*halves, *book)) (elapsed, waits, mean float64) {
		h := new(halves)
		var fs []func()
		for range 4 {
			b := h.book("user")
			fs = append(fs, repeat(30, func() { section(h, b); time.Sleep(3 * time.Millisecond) }))
		}
		start := time.Now()
		together(fs...)
		return float64(time.Since(start)), total(h.waits("")), total(h.holds("")) / 120
	}
	elapsed, waits, whole := run((*halves).whole)
	elapsedHalf, waitsHalf, half := run((*halves).half)
	// A sleep takes longer than it is asked to, so that the hold was not quite halved:
	// the truth is brought to what half of the hold would have saved.
	scale := whole / 2 / (whole - half)
	j.Set("waits saved", (waits-waitsHalf)*scale)
	j.Set("done earlier", (elapsed-elapsedHalf)*scale)
}

// hot is a counter under a lock.
type hot struct {
	mu sync.Mutex
	n  int
}

func (h *hot) add() {
	h.mu.Lock()
	h.n++
	h.mu.Unlock()
}

// busyFor calls f in n goroutines for a while.
func busyFor(n int, d time.Duration, f func()) {
	var done atomic.Bool
	var fs []func()
	for range n {
		fs = append(fs, func() {
			for !done.Load() {
				f()
			}
		})
	}
	go func() { time.Sleep(d); done.Store(true) }()
	together(fs...)
}

func runHot(j *Journal) {
	h := new(hot)
	busyFor(16, 400*time.Millisecond, h.add)
}

// line is a lock with a short section, whose users hardly do anything else.
type inLine struct{ mu sync.Mutex }

func (l *inLine) pass() {
	l.mu.Lock()
	spin(8 * time.Microsecond)
	l.mu.Unlock()
	spin(8 * time.Microsecond)
}

// runConvoy has so many users that each waits for more than a millisecond: the mutex
// then hands itself from one to the next (starvation mode, internal/sync/mutex.go), and
// no running goroutine can overtake the line, however fast the machine.
func runConvoy(*Journal) {
	l := new(inLine)
	busyFor(400, 400*time.Millisecond, l.pass)
}

// runBurst has very many goroutines that all take the lock once, at the same time.
func runBurst(*Journal) {
	l := new(inLine)
	l.mu.Lock()
	var fs []func()
	for range 600 {
		fs = append(fs, func() { l.pass() })
	}
	go func() { time.Sleep(20 * time.Millisecond); l.mu.Unlock() }()
	together(fs...)
	time.Sleep(200 * time.Millisecond)
}

// runFewUsers has the same sections with so few users, and so much else to do for
// each, that no line forms.
func runFewUsers(*Journal) {
	l := new(inLine)
	busyFor(2, 200*time.Millisecond, func() { l.pass(); time.Sleep(time.Millisecond) })
}

// snapshot is read by many and changed now and then, which takes its time.
type snapshot struct {
	rw sync.RWMutex
	n  int
}

func (s *snapshot) get() int {
	s.rw.RLock()
	defer s.rw.RUnlock()
	return s.n
}

func (s *snapshot) rebuild() {
	s.rw.Lock()
	spin(5 * time.Millisecond)
	s.n++
	s.rw.Unlock()
}

func runReadMostly(*Journal) {
	s := new(snapshot)
	var fs []func()
	for range 15 {
		fs = append(fs, repeat(100, func() { s.get(); time.Sleep(time.Millisecond) }))
	}
	together(append(fs, repeat(25, func() { s.rebuild(); time.Sleep(4 * time.Millisecond) }))...)
}

// hotFigures expects the finding. There are many more processors than the machine has,
// so that the system takes the core from a holder now and then, and the others run into
// the lock meanwhile; that they stand in line then is true as well. A machine may be so
// full that this hardly happens, as the block profile shows, or that a woken goroutine
// takes microseconds to get to its Unlock and the hold does not look short.
func hotFigures(o *Outcome) []Figure {
	said := rules(o, finding.RuleContention, finding.RuleOversubscribed, finding.RuleSerialized, finding.RuleSchedLatency)
	said = slices.DeleteFunc(said, func(s string) bool { return s == "convoy (*hot).add" })
	want := []string{"hot-counter (*hot).add"}
	f := contentionAt(o, "(*hot).add")
	hold, pressure := measure(f, "hold p50"), measure(f, "of the goroutines' time")
	if waitCount(o.Block, "(*hot).add", "Mutex).Lock") < 400 || pressure < 0.03 || hold < 0 || hold > 2000 {
		want = said // either is right
	}
	return []Figure{Set("causes", want, said)}
}

func shapePrograms() []Program {
	causes := func(want ...string) func(*Outcome) []Figure {
		return func(o *Outcome) []Figure {
			return []Figure{Set("causes", want, rules(o, finding.RuleContention, finding.RuleOversubscribed, finding.RuleSerialized, finding.RuleSchedLatency))}
		}
	}
	return []Program{
		{Name: "hold halved", Run: runHalves, Figures: func(o *Outcome) []Figure {
			f := contentionAt(o, "(*halves).whole")
			return []Figure{
				Nanos("waits saved by half the hold", o.Truth("waits saved"), measure(f, "waits saved if the hold were halved"), 0.1),
				Nanos("done earlier by", o.Truth("done earlier"), measure(f, "done earlier then"), 0.1),
			}
		}},
		{Name: "hot counter", Procs: 16, Run: runHot, Figures: hotFigures},
		{Name: "line for a short section", Procs: 6, Run: runConvoy, Figures: causes("convoy (*inLine).pass")},
		{Name: "one burst", Procs: 6, Run: runBurst, Figures: func(o *Outcome) []Figure {
			said := rules(o, finding.RuleContention, finding.RuleOversubscribed, finding.RuleSerialized, finding.RuleGoroutineLeak)
			return []Figure{Set("convoys", nil, slices.DeleteFunc(said, func(s string) bool { return !strings.HasPrefix(s, string(finding.RuleConvoy)) }))}
		}},
		{Name: "no line", Procs: 6, Run: runFewUsers, Figures: causes()},
		{Name: "read mostly", Procs: 6, Run: runReadMostly, Figures: causes("read-mostly (*snapshot).get")},
	}
}
