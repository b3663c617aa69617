package truth

import (
	"sync"
	"syscall"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// tolerances, as the analyzer promises them.
const (
	waitTolerance  = 0.01
	blameTolerance = 0.05
	// profileTolerance is for what the mutex profile estimates.
	profileTolerance = 0.15
)

// guarded is a mutex whose users keep books.
type guarded struct {
	ledger
	mutex sync.Mutex
}

func (g *guarded) long(b *book) {
	b.ask()
	g.mutex.Lock()
	b.acquired()
	time.Sleep(8 * time.Millisecond)
	b.release()
	g.mutex.Unlock()
}

func (g *guarded) brief(b *book) {
	b.ask()
	g.mutex.Lock()
	b.acquired()
	b.release()
	g.mutex.Unlock()
}

func (g *guarded) compute(b *book) {
	b.ask()
	g.mutex.Lock()
	b.acquired()
	spin(4 * time.Millisecond)
	b.release()
	g.mutex.Unlock()
}

func (g *guarded) syscall(b *book) {
	b.ask()
	g.mutex.Lock()
	b.acquired()
	ts := syscall.NsecToTimespec(int64(5 * time.Millisecond))
	syscall.Nanosleep(&ts, nil)
	b.release()
	g.mutex.Unlock()
}

// note writes the ledger's truth into the journal, for all pairs of users.
func (g *guarded) note(j *Journal, users ...string) {
	j.Set("waits", total(g.waits("")))
	j.Set("holds", total(g.holds("")))
	for _, w := range users {
		for _, h := range users {
			j.Set(w+" for "+h, g.overlap(w, h))
		}
	}
}

// user is n goroutines that take the lock some times each, with a pause after each.
type user struct {
	name    string
	n       int
	times   int
	pause   time.Duration
	section func(*guarded, *book)
}

var (
	longUser    = user{"long", 1, 30, time.Millisecond, (*guarded).long}
	briefUser   = user{"brief", 2, 60, 2 * time.Millisecond, (*guarded).brief}
	computeUser = user{"compute", 3, 25, 0, (*guarded).compute}
	syscallUser = user{"syscall", 2, 30, 0, (*guarded).syscall}
	sleepUser   = user{"long", 3, 14, 0, (*guarded).long}
	queueUser   = user{"brief", 6, 60, 200 * time.Microsecond, (*guarded).brief}
)

// run runs all users to their end.
func (g *guarded) run(j *Journal, users []user) {
	var fs []func()
	var names []string
	for _, u := range users {
		names = append(names, u.name)
		for range u.n {
			b := g.book(u.name)
			fs = append(fs, repeat(u.times, func() {
				u.section(g, b)
				if u.pause > 0 {
					time.Sleep(u.pause)
				}
			}))
		}
	}
	together(fs...)
	g.note(j, names...)
}

// mutexProgram compares waits with the ledger and the block profile, and blame with
// the ledger, pair by pair. causes are the findings but for contention itself.
func mutexProgram(name string, procs int, causes []string, users ...user) Program {
	return Program{
		Name: name, Procs: procs,
		Run: func(j *Journal) { new(guarded).run(j, users) },
		Figures: func(o *Outcome) []Figure {
			method := func(u user) string { return "(*guarded)." + u.name }
			f := contentionAt(o, method(users[len(users)-1]))
			said := float64(f.LostNanos)
			figures := []Figure{Nanos("waits", o.Truth("waits"), said, waitTolerance)}
			// The profile counts until the wake, and not until the goroutine runs.
			var profiled, parked, charged float64
			for _, u := range users {
				charged += blocked(o.Mutex, method(u), "Mutex).Unlock")
				profiled += blocked(o.Block, method(u), "Mutex).Lock")
				parked += blockedIn(o, method(u), "mutex")
			}
			figures = append(figures, Nanos("parked, block profile", profiled, parked, waitTolerance))
			// The mutex profile estimates: an unlock is charged with all waits, by the
			// longest and the shortest of their waits. Where users differ, that is far off; where the
			// machine is full and they come in bursts, by a tenth.
			if len(users) == 1 {
				figures = append(figures, Nanos("blame, mutex profile", charged, parked, profileTolerance))
			}
			for _, w := range users {
				for _, h := range users {
					if truth := o.Truth(w.name + " for " + h.name); truth > 20e6 {
						figures = append(figures, Nanos(w.name+" waits for "+h.name, truth, waited(f, method(w), method(h)), blameTolerance))
					}
				}
			}
			if name == "holders in system calls" {
				figures = append(figures, Share("holders were in system calls", 1, measure(causeOf(o, finding.RuleBlockingUnderLock), "were in system calls"), 0.05))
			}
			return append(figures, Set("causes", causes, rules(o, finding.RuleContention, finding.RuleSchedLatency)))
		},
	}
}

// causeOf returns the first finding of the rule.
func causeOf(o *Outcome, rule finding.RuleID) *finding.Finding {
	for i := range o.Report.Findings {
		if o.Report.Findings[i].Rule == rule {
			return &o.Report.Findings[i]
		}
	}
	return &finding.Finding{}
}

// serialShare computes as long under the lock as beside it, with goroutines enough
// that one of them always has the lock.
func serialShare() Program {
	return Program{
		Name: "half under a lock", Procs: 6,
		Run: func(j *Journal) {
			g := new(guarded)
			var fs []func()
			for range 4 {
				b := g.book("compute")
				fs = append(fs, repeat(20, func() {
					g.compute(b)
					start := time.Now()
					spin(4 * time.Millisecond)
					j.Add("beside", float64(time.Since(start)))
				}))
			}
			together(fs...)
			j.Set("under", total(g.holds("")))
		},
		Figures: func(o *Outcome) []Figure {
			under, beside := o.Truth("under"), o.Truth("beside")
			for i := range o.Report.Findings {
				if f := &o.Report.Findings[i]; f.Rule == finding.RuleCoarseSection {
					return []Figure{
						Share("serial share of the work", under/(under+beside), measure(f, "serial share of the work"), 0.05),
						Share("holders ran", 1, measure(f, "holders ran"), 0.05),
					}
				}
			}
			return []Figure{Set("causes", []string{"coarse-section (*guarded).compute"}, rules(o, finding.RuleContention))}
		},
	}
}

func mutexPrograms() []Program {
	return []Program{
		mutexProgram("long holder", 2, []string{"blocking-under-lock (*guarded).long"}, longUser, briefUser),
		mutexProgram("sleeping holders", 2, []string{"blocking-under-lock (*guarded).long"}, sleepUser),
		mutexProgram("holders in system calls", 2, []string{"blocking-under-lock (*guarded).syscall"}, syscallUser),
		mutexProgram("computing holders", 6, []string{"coarse-section (*guarded).compute", "serialized (*guarded).compute"}, computeUser),
		serialShare(),
		mutexProgram("convoy behind a sleeper", 2, []string{"blocking-under-lock (*guarded).long"}, longUser, queueUser),
	}
}
