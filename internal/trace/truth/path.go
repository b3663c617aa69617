package truth

import (
	"context"
	"runtime/trace"
	"sync"
	"time"
)

// timed calls f and adds the time that it took to a value.
func timed(j *Journal, name string, f func()) {
	start := time.Now()
	f()
	j.Add(name, float64(time.Since(start)))
}

// longBranch decides how long a fork and join takes, shortBranch does not.
func longBranch(j *Journal, wg *sync.WaitGroup) {
	defer wg.Done()
	timed(j, "long branch", func() {
		spin(40 * time.Millisecond)
		timed(j, "long sleep", func() { time.Sleep(60 * time.Millisecond) })
	})
}

func shortBranch(wg *sync.WaitGroup) {
	defer wg.Done()
	time.Sleep(15 * time.Millisecond)
}

func runForkJoin(j *Journal) {
	for range 3 {
		timed(j, "alone", func() { time.Sleep(20 * time.Millisecond) })
		var wg sync.WaitGroup
		wg.Add(4)
		for range 3 {
			go shortBranch(&wg)
		}
		go longBranch(j, &wg)
		wg.Wait()
	}
}

// runTimers waits for goroutines that timers create, which take their time too.
func runTimers(j *Journal) {
	for range 4 {
		spin(5 * time.Millisecond)
		done := make(chan int)
		start := time.Now()
		time.AfterFunc(15*time.Millisecond, func() {
			j.Add("until the timer", float64(time.Since(start)))
			onTimer(j)
			done <- 1
		})
		<-done
	}
}

func onTimer(j *Journal) { timed(j, "on the timer", func() { time.Sleep(25 * time.Millisecond) }) }

// runRelay hands a token on: each runner sleeps while it has it, and computes for itself
// before, which does not matter.
func runRelay(j *Journal) {
	const runners = 5
	in := make(chan int)
	first := in
	for range runners {
		out := make(chan int)
		go runner(j, in, out)
		in = out
	}
	time.Sleep(10 * time.Millisecond) // until all wait for it
	first <- 1
	<-in
}

func runner(j *Journal, in, out chan int) {
	time.Sleep(5 * time.Millisecond)
	v := <-in
	timed(j, "with the token", func() { time.Sleep(30 * time.Millisecond) })
	out <- v
}

// runMany has so many hand-overs that the tree is looked through again and again.
func runMany(j *Journal) {
	const rounds = 60_000
	ping, pong := make(chan int), make(chan int)
	go answer(ping, pong)
	start := time.Now()
	for i := range rounds {
		ping <- i
		<-pong
	}
	j.Set("elapsed", float64(time.Since(start)))
}

func answer(ping, pong chan int) {
	for v := range ping {
		pong <- v
	}
}

// runRequests has regions of which each waits for a slow helper and a quick one.
func runRequests(j *Journal) {
	for range 12 {
		time.Sleep(3 * time.Millisecond) // not of the region
		trace.WithRegion(context.Background(), "request", func() {
			timed(j, "request", func() { request(j) })
		})
	}
}

func request(j *Journal) {
	var wg sync.WaitGroup
	wg.Add(2)
	go slowHelper(j, &wg)
	go shortBranch(&wg)
	wg.Wait()
	timed(j, "request itself", func() { spin(5 * time.Millisecond) })
}

func slowHelper(j *Journal, wg *sync.WaitGroup) {
	defer wg.Done()
	timed(j, "slow helper", func() { time.Sleep(25 * time.Millisecond) })
}

// onPath sums what the path of the region ("" for the whole trace) spent in goroutines
// of the function, in the state ("" for any).
func onPath(o *Outcome, region, function, state string) (sum float64) {
	for _, path := range schedule(o).Paths {
		if path.Of != region {
			continue
		}
		for _, part := range path.Parts {
			if (function == "" || short(part.Entry.Func) == function) && (state == "" || part.State == state) {
				sum += float64(part.Nanos)
			}
		}
	}
	return sum
}

const pathTolerance = 0.05

func pathPrograms() []Program {
	whole := func(o *Outcome) Figure {
		return Nanos("path = length of the trace", float64(schedule(o).WallNanos), onPath(o, "", "", ""), pathTolerance)
	}
	return []Program{
		{Name: "fork and join", Run: runForkJoin, Figures: func(o *Outcome) []Figure {
			return []Figure{
				whole(o),
				Nanos("path in the long branch", o.Truth("long branch"), onPath(o, "", "longBranch", ""), pathTolerance),
				Nanos("of it asleep", o.Truth("long sleep"), onPath(o, "", "longBranch", "sleep"), pathTolerance),
				Nanos("path in the short branches", 0, onPath(o, "", "shortBranch", ""), pathTolerance),
				Nanos("path asleep in main", o.Truth("alone"), onPath(o, "", "main.main", "sleep"), pathTolerance),
			}
		}},
		{Name: "timers", Run: runTimers, Figures: func(o *Outcome) []Figure {
			return []Figure{
				whole(o),
				Nanos("path until the timers", o.Truth("until the timer"), onPath(o, "", "main.main", "sleep"), pathTolerance),
				Nanos("path on the timers", o.Truth("on the timer"), onPath(o, "", "runTimers.func1", "sleep"), pathTolerance),
			}
		}},
		{Name: "relay", Run: runRelay, Figures: func(o *Outcome) []Figure {
			return []Figure{whole(o), Nanos("path with the token", o.Truth("with the token"), onPath(o, "", "runner", "sleep"), pathTolerance)}
		}},
		{Name: "many hand-overs", Run: runMany, Figures: func(o *Outcome) []Figure {
			return []Figure{whole(o), Nanos("path while they last", o.Truth("elapsed"),
				onPath(o, "", "answer", "")+onPath(o, "", "main.main", "running")+onPath(o, "", "main.main", "ready"), pathTolerance)}
		}},
		{Name: "bottleneck on the path", Run: runPipeline, Figures: func(o *Outcome) []Figure {
			return []Figure{whole(o), Nanos("path in the bottleneck's sleep", o.Truth("bottleneck sleeps"), onPath(o, "", "runPipeline.func2", "sleep"), pathTolerance)}
		}},
		{Name: "requests", Regions: []string{"request"}, Run: runRequests, Figures: func(o *Outcome) []Figure {
			var region float64
			for _, r := range schedule(o).Regions {
				if r.Name == "request" {
					region = float64(r.Nanos)
				}
			}
			return []Figure{
				Nanos("time in the region", o.Truth("request"), region, waitTolerance),
				Nanos("path of the region", o.Truth("request"), onPath(o, "request", "", ""), pathTolerance),
				Nanos("path in the slow helper", o.Truth("slow helper"), onPath(o, "request", "slowHelper", ""), pathTolerance),
				Nanos("path in the quick helper", 0, onPath(o, "request", "shortBranch", ""), pathTolerance),
				Nanos("path in the request itself", o.Truth("request itself"), onPath(o, "request", "main.main", "running")+onPath(o, "request", "main.main", "ready"), pathTolerance),
			}
		}},
	}
}
