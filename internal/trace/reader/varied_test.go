package reader

import (
	"bytes"
	"context"
	"io"
	"iter"
	"net"
	"os"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"strconv"
	"sync"
	"testing"
	"time"
)

// variedTrace records a program that makes events of nearly every kind, for about
// the given time.
func variedTrace(t testing.TB, length time.Duration) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := trace.Start(&buf); err != nil {
		t.Fatal(err)
	}
	if err := pprof.StartCPUProfile(io.Discard); err == nil {
		defer pprof.StopCPUProfile()
	}
	vary(t, length)
	trace.Stop()
	return buf.Bytes()
}

// flightTrace returns a snapshot of the flight recorder, which begins in the middle
// of the program.
func flightTrace(t testing.TB) []byte {
	t.Helper()
	recorder := trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: time.Millisecond})
	if err := recorder.Start(); err != nil {
		t.Fatal(err)
	}
	defer recorder.Stop()
	for range 3 {
		vary(t, 5*time.Millisecond)
		if _, err := recorder.WriteTo(io.Discard); err != nil {
			t.Fatal(err)
		}
	}
	var buf bytes.Buffer
	vary(t, 5*time.Millisecond)
	if _, err := recorder.WriteTo(&buf); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// pause is between two rounds of a part of the program: without it a second of it is
// ten million events.
const pause = time.Millisecond

// vary runs everything at once until the time is over, each part at least once.
func vary(t testing.TB, length time.Duration) {
	var all sync.WaitGroup
	stop := make(chan struct{})
	for _, f := range []func(testing.TB){exchange, contend, annotate, alternate, collect, call, talk, compute} {
		all.Go(func() {
			for {
				f(t)
				select {
				case <-stop:
					return
				case <-time.After(pause):
				}
			}
		})
	}
	time.Sleep(length)
	close(stop)
	all.Wait()
}

// exchange hands values from goroutine to goroutine, which come and go.
func exchange(testing.TB) {
	ch := make(chan int)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range ch {
				runtime.Gosched()
			}
		})
	}
	for i := range 50 {
		ch <- i
	}
	close(ch)
	wg.Wait()
}

// contend waits for locks, conditions and timers.
func contend(testing.TB) {
	var mu sync.RWMutex
	var wg sync.WaitGroup
	cond := sync.NewCond(&mu)
	turn := 0
	for i := range 3 {
		wg.Go(func() {
			mu.Lock()
			for turn != i {
				cond.Wait()
			}
			time.Sleep(time.Microsecond)
			turn++
			mu.Unlock()
			cond.Broadcast()
			mu.RLock()
			defer mu.RUnlock()
			select {
			case <-time.After(time.Microsecond):
			case <-make(chan int):
			}
		})
	}
	wg.Wait()
}

// annotate writes tasks, regions, logs and labels.
func annotate(testing.TB) {
	ctx, task := trace.NewTask(context.Background(), "varied")
	defer task.End()
	pprof.Do(ctx, pprof.Labels("kind", "varied"), func(ctx context.Context) {
		for i := range 3 {
			trace.WithRegion(ctx, "outer "+strconv.Itoa(i), func() {
				trace.WithRegion(ctx, "inner", func() { trace.Log(ctx, "step", strconv.Itoa(i)) })
			})
		}
	})
}

// alternate switches between coroutines, one of which ends by itself and one by force.
func alternate(testing.TB) {
	numbers := func(yield func(int) bool) {
		for i := range 5 {
			if !yield(i) {
				return
			}
		}
	}
	for _, n := range []int{9, 2} {
		next, stop := iter.Pull(iter.Seq[int](numbers))
		for range n {
			next()
		}
		stop()
	}
}

// garbage keeps what is allocated from being optimised away.
var garbage [][]byte

// collect makes the collector run, and stops the world.
func collect(testing.TB) {
	garbage = nil
	for range 64 {
		garbage = append(garbage, make([]byte, 16<<10))
	}
	runtime.GC()
	runtime.ReadMemStats(new(runtime.MemStats))
	n := runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(n + 1)
	runtime.GOMAXPROCS(n)
}

// call makes system calls, one of which blocks until its processor is taken.
func call(t testing.TB) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Error(err)
		return
	}
	defer r.Close()
	r.Fd() // makes it a file that blocks a thread
	var wg sync.WaitGroup
	wg.Go(func() { io.ReadAll(r) })
	for range 20 {
		os.Stat(".")
		w.Write([]byte("x"))
	}
	time.Sleep(100 * time.Microsecond)
	w.Close()
	wg.Wait()
}

// talk waits for the network.
func talk(t testing.TB) {
	here, there := net.Pipe()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Error(err)
		return
	}
	defer l.Close()
	var wg sync.WaitGroup
	wg.Go(func() {
		if c, err := l.Accept(); err == nil {
			io.Copy(io.Discard, c)
			c.Close()
		}
		io.Copy(io.Discard, there)
	})
	if c, err := net.Dial("tcp", l.Addr().String()); err == nil {
		c.Write([]byte("hello"))
		c.Close()
	}
	here.Close()
	wg.Wait()
}

// compute uses a processor, for the profiler to see.
func compute(testing.TB) {
	sum := 0
	for end := time.Now().Add(time.Millisecond); time.Now().Before(end); {
		for i := range 1000 {
			sum += i * i
		}
	}
	if sum == 1 {
		panic("wrong sum")
	}
}
