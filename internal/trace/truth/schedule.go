package truth

import (
	"bytes"
	"runtime"
	"runtime/pprof"
	"syscall"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// computing spins for a while in n goroutines and notes how long all of them together
// took.
func computing(j *Journal, n int, d time.Duration) {
	var fs []func()
	for range n {
		fs = append(fs, func() { timed(j, "computed", func() { spin(d) }) })
	}
	together(fs...)
}

// phases alternates between work of one goroutine, of two, and none.
func runPhases(j *Journal) {
	start := time.Now()
	for range 3 {
		computing(j, 1, 40*time.Millisecond)
		computing(j, 2, 40*time.Millisecond)
		time.Sleep(40 * time.Millisecond)
	}
	j.Set("elapsed", float64(time.Since(start)))
}

// runCrowd has many more goroutines that compute than processors.
func runCrowd(j *Journal) {
	start := time.Now()
	computing(j, 16, 1200*time.Millisecond)
	j.Set("elapsed", float64(time.Since(start)))
}

// runOneByOne computes under one lock, with one goroutine, two, three and four.
func runOneByOne(j *Journal) {
	g := new(guarded)
	start, before := time.Now(), onCore()
	for _, n := range []int{1, 2, 3, 4} {
		var fs []func()
		for range n {
			b := g.book("compute")
			fs = append(fs, repeat(4*n, func() { g.compute(b) }))
		}
		together(fs...)
	}
	j.Set("elapsed", float64(time.Since(start)))
	j.Set("computed", total(g.holds("")))
	j.Set("on a core", float64(onCore()-before))
}

// runOvercommitted has four threads that compute for each core of the machine, and is
// profiled meanwhile. The system reports how long they had a core.
func runOvercommitted(j *Journal) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4 * runtime.NumCPU()))
	var profile bytes.Buffer
	if err := pprof.StartCPUProfile(&profile); err != nil {
		panic(err)
	}
	before := onCore()
	computing(j, 4*runtime.NumCPU(), 1200*time.Millisecond)
	j.Set("on a core", float64(onCore()-before))
	pprof.StopCPUProfile()
}

// onCore is the processor time of this process.
func onCore() time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		panic(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

func schedulePrograms() []Program {
	// parallelism is the mean over the time of the program's own measurement.
	parallelism := func(o *Outcome) float64 {
		s := schedule(o)
		return s.Parallelism.Mean * float64(s.WallNanos) / o.Truth("elapsed")
	}
	return []Program{
		{Name: "phases", Run: runPhases, Figures: func(o *Outcome) []Figure {
			s := schedule(o)
			var area float64
			for _, line := range s.Timeline {
				if line.Name != "running" {
					continue
				}
				for i, v := range line.Values {
					area += v * float64(min(line.StepNanos, s.WallNanos-int64(i)*line.StepNanos))
				}
			}
			truth := o.Truth("computed") / o.Truth("elapsed")
			return []Figure{
				Number("parallelism", truth, parallelism(o), 0.05),
				Nanos("area under the timeline", o.Truth("computed"), area, 0.05),
				Set("findings", nil, rules(o, finding.RuleSchedLatency)),
			}
		}},
		{Name: "crowd", Run: runCrowd, Figures: func(o *Outcome) []Figure {
			return []Figure{
				Number("parallelism", defaultProcs, parallelism(o), 0.05),
				Set("findings", []string{"oversubscribed together"}, rules(o)),
			}
		}},
		{Name: "one by one", Procs: 4, Run: runOneByOne, Figures: func(o *Outcome) []Figure {
			// Where the system has no core for the one that looks whether the lock is free, it
			// runs for a while, as far as a trace shows, and the program cannot note it.
			figures := []Figure{
				Number("parallelism", o.Truth("computed")/o.Truth("elapsed"), parallelism(o), 0.05),
				Share("one at a time (USL)", 1, measure(causeOf(o, finding.RuleSerialized), "one at a time (USL σ)"), 0.1),
			}
			if o.Truth("on a core") < 0.9*o.Truth("computed") {
				figures = nil
			}
			return append(figures, Set("findings", []string{"coarse-section (*guarded).compute", "serialized (*guarded).compute"}, rules(o, finding.RuleContention, finding.RuleSchedLatency)))
		}},
		{Name: "idle", Run: func(j *Journal) { timed(j, "elapsed", func() { time.Sleep(100 * time.Millisecond) }) }, Figures: func(o *Outcome) []Figure {
			return []Figure{Share("parallelism", 0, parallelism(o), 0.05), Set("findings", nil, rules(o))}
		}},
		{Name: "overcommitted", Run: runOvercommitted, Figures: func(o *Outcome) []Figure {
			return []Figure{
				Share("on a core", o.Truth("on a core")/o.Truth("computed"), schedule(o).OnCore, 0.05),
				Set("findings", []string{string(finding.RuleCPUStarved)}, rules(o, finding.RuleSchedLatency, finding.RuleOversubscribed)),
			}
		}},
	}
}
