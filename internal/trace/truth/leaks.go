package truth

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// leaks are goroutines that block for ever, one function for each way to do so.
var leaks = []struct {
	name  string
	start func()
}{
	{"leakSend", func() { c := make(chan int); go leakSend(c) }},
	{"leakReceive", func() { c := make(chan int); go leakReceive(c) }},
	{"leakNil", func() { go leakNil(nil) }},
	{"leakForever", func() { go leakForever() }},
	{"leakWaitGroup", func() { wg := new(sync.WaitGroup); wg.Add(1); go leakWaitGroup(wg) }},
	{"leakCond", func() { go leakCond(sync.NewCond(new(sync.Mutex))) }},
	{"leakMutex", func() { mu := new(sync.Mutex); mu.Lock(); go leakMutex(mu) }},
}

func leakSend(c chan int)              { c <- 1 }
func leakReceive(c chan int)           { <-c }
func leakNil(c chan int)               { <-c }
func leakForever()                     { select {} }
func leakWaitGroup(wg *sync.WaitGroup) { wg.Wait() }
func leakMutex(mu *sync.Mutex)         { mu.Lock() }

func leakCond(c *sync.Cond) {
	c.L.Lock()
	c.Wait()
	c.L.Unlock()
}

// grow leaks n goroutines of each kind, one after the other, each from a goroutine of
// its own that ends, as requests of a server would.
func grow(j *Journal, n int) {
	for range n {
		for _, l := range leaks {
			together(l.start)
			time.Sleep(time.Millisecond)
		}
		time.Sleep(5 * time.Millisecond)
	}
	for _, l := range leaks {
		j.Add(l.name, float64(n))
	}
	time.Sleep(30 * time.Millisecond)
}

// idlers are goroutines that wait for long and are well.
func idlers(*Journal) {
	jobs := make(chan int)
	for range 20 {
		go func() { // a pool without work
			for range jobs {
			}
		}()
	}
	go func() {
		for range time.NewTicker(5 * time.Millisecond).C {
		}
	}()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go conn.Read(make([]byte, 1))
		}
	}()
	for range 8 {
		if _, err := net.Dial("tcp", l.Addr().String()); err != nil {
			panic(err)
		}
		time.Sleep(5 * time.Millisecond)
	}
	time.Sleep(60 * time.Millisecond)
}

// leaked lists the leaks in the report, with their number.
func leaked(o *Outcome) (all []string) {
	for i := range o.Report.Findings {
		f := &o.Report.Findings[i]
		if f.Rule == finding.RuleContention {
			continue // the wait for the mutex that no goroutine unlocks, as well
		}
		if f.Rule != finding.RuleGoroutineLeak {
			all = append(all, string(f.Rule))
			continue
		}
		at := f.Places[slices.IndexFunc(f.Places, func(p finding.Place) bool { return p.Role == "blocked here" })]
		all = append(all, leakText(short(at.Stack.User().Func), measure(f, "goroutines")))
	}
	return all
}

func leakText(function string, n float64) string {
	return fmt.Sprintf("%s × %.0f", strings.TrimSuffix(function, ".func1"), n)
}

func leakPrograms() []Program {
	figures := func(want func(*Outcome) []string) func(*Outcome) []Figure {
		return func(o *Outcome) []Figure { return []Figure{Set("leaks", want(o), leaked(o))} }
	}
	of := func(names ...string) func(*Outcome) []string {
		return func(o *Outcome) (all []string) {
			for _, name := range names {
				all = append(all, leakText(name, o.Truth(name)))
			}
			return all
		}
	}
	var kinds []string
	for _, l := range leaks {
		kinds = append(kinds, l.name)
	}
	return []Program{
		{Name: "leaks: growing", Run: func(j *Journal) { grow(j, 12) }, Figures: figures(of(kinds...))},
		{Name: "leaks: one of each", Run: func(j *Journal) { grow(j, 1); time.Sleep(100 * time.Millisecond) }, Figures: figures(of(kinds...))},
		{
			// Of what blocked before the trace it is not known how it came: only waits
			// that no program wants are suspicious.
			Name: "leaks: before the trace", Before: func() { grow(new(Journal), 3) },
			Run: func(j *Journal) {
				for _, name := range []string{"leakSend", "leakForever", "leakMutex"} {
					j.Set(name, 3)
				}
				time.Sleep(50 * time.Millisecond)
			},
			Figures: figures(of("leakSend", "leakForever", "leakMutex")),
		},
		{Name: "leaks: none", Run: idlers, Figures: figures(of())},
		{Name: "leaks: none, before", Before: func() { idlers(nil) }, Run: func(*Journal) { time.Sleep(50 * time.Millisecond) }, Figures: figures(of())},
	}
}
