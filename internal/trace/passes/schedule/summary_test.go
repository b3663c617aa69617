package schedule_test

import (
	"math"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/passes/schedule"
	"github.com/concdoctor/concdoctor/internal/trace/passtest"
)

// summarize traces f and returns what the summary says of it.
func summarize(t *testing.T, f func()) finding.Schedule {
	t.Helper()
	_, rep := passtest.Capture(t, f, schedule.New)
	if len(rep.Summary.Schedules) != 1 {
		t.Fatalf("%d summaries", len(rep.Summary.Schedules))
	}
	return rep.Summary.Schedules[0]
}

const busy = 60 * time.Millisecond

func spin(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
	}
}

func compute() { spin(busy) }
func sleep()   { time.Sleep(busy) }

func network(conn net.Conn) { conn.Read(make([]byte, 1)) }

func lock(mu *sync.Mutex) {
	mu.Lock()
	defer mu.Unlock()
}

func receive(ch chan int) { <-ch }

// TestVerdicts runs groups of goroutines of known nature.
func TestVerdicts(t *testing.T) {
	procs := runtime.GOMAXPROCS(0)
	for _, tt := range []struct {
		name  string
		n     int
		run   func(n int)
		entry string
		want  finding.Bound
		share func(*finding.Group) int64 // what must make up nearly all of its life
	}{
		{"compute", 1, func(n int) { start(n, compute) }, ".start.func", finding.CPUBound,
			func(g *finding.Group) int64 { return g.RunningNanos + g.RunnableNanos }},
		{"starved", 16 * procs, func(n int) { start(n, compute) }, ".start.func", finding.CPUStarved,
			func(g *finding.Group) int64 { return g.RunningNanos + g.RunnableNanos }},
		{"sleep", 20, func(n int) { start(n, sleep) }, ".start.func", finding.IOBound,
			func(g *finding.Group) int64 { return g.IONanos }},
		{"network", 1, func(int) { onNetwork() }, ".onNetwork.func", finding.IOBound,
			func(g *finding.Group) int64 { return g.IONanos }},
		{"lock", 5, onLock, ".onLock.func", finding.LockBound,
			func(g *finding.Group) int64 { return g.LockNanos }},
		{"channel", 5, onChannel, ".onChannel.func", finding.SyncBound,
			func(g *finding.Group) int64 { return g.SyncNanos }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := summarize(t, func() { tt.run(tt.n) })
			g := groupOf(t, &s, tt.entry)
			if g.Verdict != tt.want || g.Count != tt.n || g.Advice == "" {
				t.Errorf("%d goroutines are %s (%q), want %d that are %s", g.Count, g.Verdict, g.Advice, tt.n, tt.want)
			}
			if share := float64(tt.share(g)) / float64(g.LifeNanos); share < 0.9 {
				t.Errorf("the cause is %.2f of its life: %+v", share, g)
			}
			if s.MaxProcs != procs {
				t.Errorf("%d processors, want %d", s.MaxProcs, procs)
			}
		})
	}
}

// TestLevels counts what is known beforehand: n sleepers beside one another and
// never two that run. How much of the trace that makes up, the sleepers and the
// computer measure themselves, since starting and stopping the tracer takes its time
// on a busy machine.
func TestLevels(t *testing.T) {
	const n = 10
	var slept atomic.Int64
	s := summarize(t, func() {
		start(n, func() { slept.Add(measured(sleep)) })
	})
	// The sleepers, this test's goroutine and possibly the test framework's own.
	if s.Concurrency.Max < n+1 || s.Concurrency.Max > n+3 {
		t.Errorf("at most %d in flight, want about %d", s.Concurrency.Max, n+1)
	}
	if want := 1 + float64(slept.Load())/float64(s.WallNanos); math.Abs(s.Concurrency.Mean-want) > 2 {
		t.Errorf("%.1f in flight on average, want about %.1f", s.Concurrency.Mean, want)
	}
	// While the tracer starts and stops, its caller runs.
	if most := 0.2 + 1 - float64(slept.Load())/n/float64(s.WallNanos); s.Parallelism.Mean > most {
		t.Errorf("%.2f running on average, want almost none, %.2f at most", s.Parallelism.Mean, most)
	}
	var computed int64
	s = summarize(t, func() { computed = measured(compute) })
	share := float64(computed) / float64(s.WallNanos)
	if s.Parallelism.Mean < 0.5*share || s.Parallelism.Mean > 1.2 {
		t.Errorf("%.2f running on average, want %.2f, less what it was ready, up to 1", s.Parallelism.Mean, share)
	}
	if s.Parallelism.Max < 1 || s.Parallelism.Max > runtime.GOMAXPROCS(0) {
		t.Errorf("at most %d running on %d processors", s.Parallelism.Max, runtime.GOMAXPROCS(0))
	}
}

// measured returns the nanoseconds that f takes.
func measured(f func()) int64 {
	began := time.Now()
	f()
	return int64(time.Since(began))
}

// TestIdleIsNotInFlight: goroutines that do nothing during the trace do not count.
func TestIdleIsNotInFlight(t *testing.T) {
	ch := make(chan int)
	var wg, ready sync.WaitGroup
	const idle = 50
	ready.Add(idle)
	for range idle {
		wg.Go(func() { ready.Done(); receive(ch) })
	}
	ready.Wait()
	for runtime.NumGoroutine() < idle {
		runtime.Gosched()
	}
	sleep() // let the last of them park: before the trace nothing tells when
	s := summarize(t, sleep)
	close(ch)
	wg.Wait()
	if s.Concurrency.Max > 5 {
		t.Errorf("%d in flight beside %d that do nothing", s.Concurrency.Max, idle)
	}
}

// start runs f in n goroutines and waits for them.
func start(n int, f func()) {
	var wg sync.WaitGroup
	for range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			f()
		}()
	}
	wg.Wait()
}

func onNetwork() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer l.Close()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		panic(err)
	}
	peer, err := l.Accept()
	if err != nil {
		panic(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() { network(conn) })
	sleep()
	peer.Close()
	wg.Wait()
}

func onLock(n int) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	mu.Lock()
	for range n {
		wg.Go(func() { lock(&mu) })
	}
	sleep()
	mu.Unlock()
	wg.Wait()
}

func onChannel(n int) {
	ch := make(chan int)
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() { receive(ch) })
	}
	sleep()
	close(ch)
	wg.Wait()
}

// groupOf returns the group whose entry function has the name in it.
func groupOf(t *testing.T, s *finding.Schedule, name string) *finding.Group {
	t.Helper()
	for i := range s.Groups {
		if strings.Contains(s.Groups[i].Entry.Func, name) {
			return &s.Groups[i]
		}
	}
	t.Fatalf("no group of %s in %+v", name, s.Groups)
	return nil
}
