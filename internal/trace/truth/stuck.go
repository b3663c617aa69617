package truth

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// census is a dump of all goroutines. Programs ask it until it says what they wait for,
// so that what is blocked when the trace ends is forced and not a matter of time.
type census []string

func takeCensus() census {
	buf := make([]byte, 1<<20)
	return strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n")
}

// in counts the goroutines that are in the function, in the state if that is not "".
func (c census) in(function, state string) (n int) {
	for _, g := range c {
		if strings.Contains(g, "/truth."+function+"(") && strings.Contains(g, "["+state) {
			n++
		}
	}
	return n
}

// await returns when a census satisfies is.
func await(is func(census) bool) {
	for !is(takeCensus()) {
		time.Sleep(50 * time.Microsecond)
	}
}

// family is a request that leaves a goroutine behind which waits for another one of the
// same request, if it is ill: that one has ended.
type family struct {
	// waiter is the function that is left behind, state how, others the goroutines that must have ended.
	waiter, state string
	others        []string
	// serve runs the request until it has started all its goroutines. What would wake
	// the waiter comes after the gate was opened.
	serve func(gate chan struct{}, ill bool)
	// endless says that there is no healthy way.
	endless bool
}

var families = []family{
	{"stuckReceive", "chan receive", []string{"serveReceive", "produce"}, serveReceive, false},
	{"stuckSend", "chan send", []string{"serveSend"}, serveSend, true},
	{"stuckWait", "sync.WaitGroup.Wait", []string{"finish"}, stuckWait, false},
	{"stuckCond", "sync.Cond.Wait", []string{"serveCond", "signal"}, serveCond, false},
}

// serveReceive has a consumer whose producer forgets to close the channel.
func serveReceive(gate chan struct{}, ill bool) {
	c := make(chan int)
	go produce(c, gate, ill)
	go stuckReceive(c)
}

func produce(c chan int, gate chan struct{}, ill bool) {
	<-gate
	for i := range 3 {
		c <- i
	}
	if !ill {
		close(c)
	}
}

func stuckReceive(c chan int) {
	for range c {
	}
}

// serveSend takes the first values of an endless generator.
func serveSend(gate chan struct{}, _ bool) {
	c := make(chan int)
	go stuckSend(c)
	<-gate
	<-c
	<-c
}

func stuckSend(c chan int) {
	for i := 0; ; i++ {
		c <- i
	}
}

// stuckWait waits for a goroutine that may forget its Done.
func stuckWait(gate chan struct{}, ill bool) {
	wg := new(sync.WaitGroup)
	wg.Add(1)
	go finish(wg, gate, ill)
	wg.Wait()
}

func finish(wg *sync.WaitGroup, gate chan struct{}, ill bool) {
	<-gate
	if !ill {
		wg.Done()
	}
}

// serveCond has a signal that comes before what it stands for, which never comes.
func serveCond(gate chan struct{}, ill bool) {
	c, ready := sync.NewCond(new(sync.Mutex)), new(bool)
	go stuckCond(c, ready)
	go signal(c, ready, gate, ill)
}

func stuckCond(c *sync.Cond, ready *bool) {
	c.L.Lock()
	for !*ready {
		c.Wait()
	}
	c.L.Unlock()
}

func signal(c *sync.Cond, ready *bool, gate chan struct{}, ill bool) {
	<-gate
	c.L.Lock()
	*ready = !ill
	c.Signal()
	c.L.Unlock()
}

// request runs one family, and returns when all of it have ended that will, and how
// long no goroutine can have waited in it.
func (f *family) request(ill bool) time.Duration {
	start := time.Now()
	left := takeCensus().in(f.waiter, f.state)
	gate := make(chan struct{})
	go f.serve(gate, ill)
	await(func(c census) bool { return c.in(f.waiter, f.state) == left+1 })
	close(gate)
	if ill {
		left++
	}
	await(func(c census) bool {
		for _, other := range f.others {
			if c.in(other, "") > 0 {
				return false
			}
		}
		return c.in(f.waiter, "") == left && c.in(f.waiter, f.state) == left
	})
	return time.Since(start)
}

// outlast is how many times as long as any wait that ended the oldest must wait, with
// something to spare; see package leak.
const outlast = 12

// requests runs ill requests of a family from the beginning of the trace to its end, and
// some that are not ill. n is how many there are at least, 1 for one and no more.
func (f *family) requests(j *Journal, n int) {
	start := time.Now()
	var longest time.Duration
	serve := func(ill bool) {
		longest = max(longest, f.request(ill))
		time.Sleep(2 * time.Millisecond)
		if ill {
			j.Add(f.waiter, 1)
		}
	}
	for range 3 {
		if !f.endless {
			serve(false)
		}
	}
	serve(true)
	for i := 1; i < n || n > 1 && time.Since(start) < outlast*longest; i++ {
		serve(true)
	}
	if left := outlast*longest - time.Since(start); n == 1 {
		time.Sleep(max(left, 0) + outlast*longest) // since when it waits is not known better
	}
}

// flight runs families that are well in the background; the trace ends in the middle.
func flight(*Journal) {
	for range 8 {
		go func() {
			for {
				for i := range families {
					gate := make(chan struct{})
					if f := &families[i]; !f.endless {
						go f.serve(gate, false)
						time.Sleep(time.Millisecond)
						close(gate)
					}
				}
			}
		}()
	}
	time.Sleep(200 * time.Millisecond)
}

// passersBy feeds a pool, and a session that was handed to others, by goroutines that
// end; then no goroutine comes for long.
func passersBy(*Journal) {
	jobs, sessions := make(chan int), make(chan chan int, 1)
	together(func() { // the goroutine that set them up has ended
		for range 4 {
			go stuckReceive(jobs)
		}
		session := make(chan int)
		sessions <- session
		go stuckReceive(session)
	})
	session := <-sessions
	for range 6 {
		await(func(c census) bool { return c.in("stuckReceive", "chan receive") == 5 })
		together(func() { go func() { jobs <- 1 }(); session <- 1 })
	}
	await(func(c census) bool { return c.in("stuckReceive", "chan receive") == 5 })
	time.Sleep(100 * time.Millisecond)
}

// slowProducer is alive when the trace ends, and will close the channel.
func slowProducer(*Journal) {
	for range 12 {
		together(func() {
			c := make(chan int)
			go stuckReceive(c)
			go func() {
				c <- 1
				time.Sleep(time.Hour)
				close(c)
			}()
		})
		time.Sleep(5 * time.Millisecond)
	}
	time.Sleep(50 * time.Millisecond)
}

// hangs lists what the report says of goroutines that wait without end.
func hangs(o *Outcome) (all []string) {
	for i := range o.Report.Findings {
		f := &o.Report.Findings[i]
		if rule, _ := finding.LookupRule(f.Rule); rule.Family != finding.FamilyLeak && rule.Family != finding.FamilyDeadlock {
			continue
		}
		at := f.Places[slices.IndexFunc(f.Places, func(p finding.Place) bool { return p.Role == "blocked here" })]
		all = append(all, fmt.Sprintf("%s %s %s", f.Rule, f.Certainty, leakText(short(at.Stack.User().Func), measure(f, "goroutines"))))
	}
	return all
}

func stuckPrograms() []Program {
	var all []Program
	says := func(what, name string) func(*Outcome) []Figure {
		return func(o *Outcome) []Figure {
			var truth []string
			if what != "" {
				truth = []string{what + " " + leakText(name, o.Truth(name))}
			}
			return []Figure{Set("hangs", truth, hangs(o))}
		}
	}
	for i := range families {
		f := &families[i]
		all = append(all,
			Program{Name: "stuck: " + f.state + ", growing", Run: func(j *Journal) { f.requests(j, 12) }, Figures: says("stuck potential", f.waiter)},
			Program{Name: "stuck: " + f.state + ", one", Run: func(j *Journal) { f.requests(j, 1) }, Figures: says("stuck suspected", f.waiter)},
		)
	}
	return append(all,
		Program{Name: "stuck: none, in flight", Run: flight, Figures: says("", "")},
		Program{Name: "stuck: none, passers-by", Run: passersBy, Figures: says("", "")},
		Program{Name: "stuck: none, slow", Run: slowProducer, Figures: says("", "")},
		Program{Name: "lock kept", Run: func(j *Journal) { abandon(j, 1, 2) }, Figures: says("abandoned-lock potential", "stuckLock")},
		Program{Name: "locks kept", Run: func(j *Journal) { abandon(j, 4, 1) }, Figures: says("abandoned-lock potential", "stuckLock")},
		Program{Name: "lock kept, perhaps", Run: mayRelease, Figures: says("goroutine-leak suspected", "stuckLock")},
		Program{Name: "lock passed on", Run: passOn, Figures: says("goroutine-leak suspected", "stuckLock")},
		Program{Name: "lock released", Run: releaseAll, Figures: says("", "")},
	)
}
