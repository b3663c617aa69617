package truth

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// stripes is a counter that is sharded as it should be.
type stripes [64]struct {
	mu sync.Mutex
	n  int
	_  [48]byte
}

func (s *stripes) add(i int) {
	shard := &s[i%len(s)]
	shard.mu.Lock()
	shard.n++
	shard.mu.Unlock()
}

func runStripes(*Journal) {
	var s stripes
	work := func() {
		for i := range 300_000 {
			s.add(i * 7)
		}
	}
	together(work, work, work, work)
}

// feed is the first stage of a pipeline. It measures how long the next one makes it
// wait.
func feed(j *Journal, out chan<- int, n int) {
	defer close(out)
	var waited time.Duration
	for i := range n {
		start := time.Now()
		out <- i
		waited += time.Since(start)
	}
	j.Set("feeder waits", float64(waited))
}

// bottleneck is the slow stage.
func bottleneck(j *Journal, in <-chan int, out chan<- int) {
	defer close(out)
	for v := range in {
		timed(j, "bottleneck sleeps", func() { time.Sleep(3 * time.Millisecond) })
		out <- v
	}
}

// drain is the last stage: it waits for the slow one.
func drain(j *Journal, in <-chan int) {
	var waited time.Duration
	for start := time.Now(); ; start = time.Now() {
		_, ok := <-in
		waited += time.Since(start)
		if !ok {
			break
		}
	}
	j.Set("last stage waits", float64(waited))
}

func runPipeline(j *Journal) {
	first, last := make(chan int), make(chan int)
	together(func() { feed(j, first, 150) }, func() { bottleneck(j, first, last) }, func() { drain(j, last) })
}

// runPool has one producer too few: its workers wait for jobs, and one wait group
// waits for them.
func runPool(j *Journal) {
	jobs := make(chan int)
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() { worker(j, jobs) })
	}
	for i := range 120 {
		time.Sleep(2 * time.Millisecond)
		jobs <- i
	}
	close(jobs)
	start := time.Now()
	join(&workers)
	j.Set("join waits", float64(time.Since(start)))
}

func join(workers *sync.WaitGroup) { workers.Wait() }

func worker(j *Journal, jobs <-chan int) {
	var waited time.Duration
	for start := time.Now(); ; start = time.Now() {
		_, ok := <-jobs
		waited += time.Since(start)
		if !ok {
			break
		}
		time.Sleep(30 * time.Millisecond / 10)
	}
	time.Sleep(20 * time.Millisecond)
	j.Add("workers wait", float64(waited))
}

// blockedIn is what the report says that the function waited, for the reason.
func blockedIn(o *Outcome, function, reason string) (sum float64) {
	for _, b := range schedule(o).Blocked {
		if b.Reason == reason && slices.ContainsFunc(b.Stack, func(f finding.Frame) bool { return short(f.Func) == function }) {
			sum += float64(b.Nanos)
		}
	}
	return sum
}

// waitsFor is what the report says that the one function waited for the other.
func waitsFor(o *Outcome, reason, waiter, waker string) (sum float64) {
	for _, kind := range schedule(o).Waits {
		for _, p := range kind.Pairs {
			if kind.Reason == reason && short(p.Waiter.User().Func) == waiter && strings.HasPrefix(short(p.Blamed.User().Func), waker) {
				sum += float64(p.Nanos)
			}
		}
	}
	return sum
}

func schedule(o *Outcome) *finding.Schedule {
	if len(o.Report.Summary.Schedules) == 0 {
		return new(finding.Schedule)
	}
	return &o.Report.Summary.Schedules[0]
}

func pipelinePrograms() []Program {
	return []Program{
		{Name: "stripes", Run: runStripes, Figures: func(o *Outcome) []Figure {
			// Where the system takes the processor from a holder, others do wait: for that
			// the block profile is the witness.
			return []Figure{
				Nanos("waits, block profile", blocked(o.Block, "(*stripes).add", "Mutex).Lock"), blockedIn(o, "(*stripes).add", "mutex"), blameTolerance),
				Set("causes", nil, rules(o, finding.RuleContention, finding.RuleOversubscribed, finding.RuleSchedLatency)),
			}
		}},
		{Name: "pipeline", Run: runPipeline, Figures: func(o *Outcome) []Figure {
			return []Figure{
				Nanos("feeder waits for the bottleneck", o.Truth("feeder waits"), waitsFor(o, "channel send", "feed", "bottleneck"), waitTolerance),
				Nanos("last stage waits for it", o.Truth("last stage waits"), waitsFor(o, "channel receive", "drain", "bottleneck"), waitTolerance),
				totalFigure(o),
				Nanos("feeder, block profile", blocked(o.Block, "feed", "chansend"), blockedIn(o, "feed", "channel send"), waitTolerance),
				Set("findings", nil, rules(o, finding.RuleSchedLatency)),
			}
		}},
		{Name: "pool", Run: runPool, Figures: func(o *Outcome) []Figure {
			return []Figure{
				Nanos("workers wait for jobs", o.Truth("workers wait"), waitsFor(o, "channel receive", "worker", "runPool"), waitTolerance),
				Nanos("the end waits for workers", o.Truth("join waits"), waitsFor(o, "wait group", "join", ""), waitTolerance),
				Set("findings", nil, rules(o, finding.RuleSchedLatency)),
			}
		}},
	}
}
