package contention_test

import (
	"fmt"
	"maps"
	"math"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

const (
	observed = finding.Observed
	pkg      = "contention_test."
)

// causes are the findings except those that only say which goroutines waited.
func causes(all []finding.Finding) []string {
	var got []string
	for i := range all {
		f := &all[i]
		if f.Rule == "contention" {
			continue
		}
		got = append(got, describe(f))
	}
	slices.Sort(got)
	return got
}

// describe is the finding's identity for a comparison: rule, certainty, kind of
// lock, and the functions of each role.
func describe(f *finding.Finding) string {
	text := fmt.Sprintf("%s %s %s", f.Rule, f.Certainty, f.Resources[0].Kind)
	roles := map[string][]string{}
	for _, p := range f.Places {
		name := p.Stack.User().Func
		roles[p.Role] = append(roles[p.Role], name[strings.LastIndex(name, pkg)+len(pkg):])
	}
	for _, role := range slices.Sorted(maps.Keys(roles)) {
		slices.Sort(roles[role])
		text += fmt.Sprintf("; %s %s", role, strings.Join(slices.Compact(roles[role]), " "))
	}
	return text
}

// TestCauses runs programs of known disease and their healthy twins.
func TestCauses(t *testing.T) {
	blocks := func(kind, at, until, waits string) string {
		return fmt.Sprintf("blocking-under-lock observed %s; blocks here %s; holds it until here %s; waits here %s", kind, at, until, waits)
	}
	for _, tt := range []struct {
		name string
		run  func(*store)
		want []string
	}{
		{"sleep", func(s *store) {
			together(repeat(40, s.deferredSleep), repeat(40, s.deferredSleep))
		}, []string{blocks("mutex", "(*store).nap", "(*store).deferredSleep", "(*store).deferredSleep")}},
		{"system call", func(s *store) {
			together(repeat(40, s.inSystemCall), repeat(40, s.inSystemCall))
		}, []string{blocks("mutex", "(*store).inSystemCall", "(*store).inSystemCall", "(*store).inSystemCall")}},
		{"network", func(s *store) {
			peer := s.dial()
			defer peer.Close()
			together(repeat(40, s.onNetwork), repeat(40, s.onNetwork), repeat(80, func() {
				time.Sleep(2 * time.Millisecond)
				peer.Write([]byte{1})
			}))
		}, []string{blocks("mutex", "(*store).onNetwork", "(*store).onNetwork", "(*store).onNetwork")}},
		{"receive", func(s *store) {
			together(repeat(40, s.onReceive), repeat(40, s.onReceive), repeat(80, func() { s.nap(); s.in <- 1 }))
		}, []string{blocks("mutex", "(*store).onReceive", "(*store).onReceive", "(*store).onReceive")}},
		{"send", func(s *store) {
			together(repeat(40, s.onSend), repeat(40, s.onSend), repeat(80, func() { s.nap(); <-s.out }))
		}, []string{blocks("mutex", "(*store).onSend", "(*store).onSend", "(*store).onSend")}},
		{"helpers", func(s *store) {
			together(repeat(40, s.behindHelpers), repeat(40, s.behindHelpers), repeat(40, s.useHelpers))
		}, []string{blocks("mutex", "(*store).nap", "(*store).release", "(*store).acquire")}},
		{"writer", func(s *store) {
			var done atomic.Bool
			read := func() {
				for !done.Load() {
					s.read()
				}
			}
			together(func() { repeat(30, s.writeSlowly)(); done.Store(true) }, read, read)
		}, []string{blocks("rwmutex", "(*store).nap", "(*store).writeSlowly", "(*store).read")}},
		{"reader", func(s *store) {
			together(repeat(40, s.readSlowly), repeat(200, func() { s.write(); spin(200 * time.Microsecond) }))
		}, []string{
			blocks("rwmutex", "(*store).nap", "(*store).readSlowly", "(*store).write"),
			"writer-starvation observed rwmutex; holds it until here (*store).readSlowly; waits here (*store).write",
		}},
		{"compute", func(s *store) {
			together(repeat(20, s.compute), repeat(20, s.compute), repeat(20, s.compute))
		}, []string{"coarse-section observed mutex; holds it until here (*store).compute; waits here (*store).compute"}},
		{"sleep before", func(s *store) {
			// So many compute that the mutex is handed over from one to the next. Otherwise
			// a sleeper that loses its thread while it spins in Lock keeps unlocks from
			// waking another goroutine, and is charged with what was computed meanwhile.
			compute, sleeper := repeat(15, s.compute), repeat(8, s.sleepFirst)
			together(compute, compute, compute, compute, sleeper, sleeper)
		}, []string{"coarse-section observed mutex; holds it until here (*store).compute; waits here (*store).compute (*store).sleepFirst"}},
		{"several instances", func(*store) {
			var fs []func()
			for range 4 { // each store is waited for, but there are more of them than processors
				one := new(store)
				fs = append(fs, repeat(10, one.compute), repeat(10, one.compute))
			}
			together(fs...)
		}, nil},
		{"condition", func(s *store) {
			together(repeat(50, s.consume), repeat(50, s.consume), repeat(100, s.produce))
		}, nil},
		{"stripes", func(s *store) {
			var st stripes
			work := func() {
				for i := range 20_000 {
					st.add(i * 7)
				}
			}
			together(work, work, work, work)
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &store{in: make(chan int), out: make(chan int)}
			s.cond = sync.NewCond(&s.mu)
			all := analyze(t, func() { tt.run(s) })
			if tt.name == "reader" { // a writer that loses its core keeps readers waiting too
				for i := range all {
					all[i].Places = slices.DeleteFunc(all[i].Places, func(p finding.Place) bool {
						return p.Role == "waits here" && strings.HasSuffix(p.Stack.User().Func, "readSlowly")
					})
				}
			}
			if got := causes(all); !slices.Equal(got, tt.want) {
				t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(tt.want, "\n\t"))
				show(t, all)
			}
			// Where the system takes a core from a holder, others do wait for a stripe.
			if tt.want == nil && tt.name == "condition" && len(all) > 0 {
				t.Error("a healthy program has findings")
				show(t, all)
			}
		})
	}
}

func show(t *testing.T, all []finding.Finding) {
	t.Helper()
	var b strings.Builder
	for i := range all {
		finding.Printer{}.Print(&b, &all[i])
	}
	t.Log(b.String())
}

func (s *store) dial() net.Conn {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer l.Close()
	s.conn, err = net.Dial("tcp", l.Addr().String())
	if err != nil {
		panic(err)
	}
	peer, err := l.Accept()
	if err != nil {
		panic(err)
	}
	return peer
}

// TestConvoy has one slow holder and a queue of fast ones, each woken by another
// fast one: the slow one must get the blame for what its holds made wait, as the
// program's own ledger says.
func TestConvoy(t *testing.T) {
	l := &ledger{}
	fast := make([]func(), 6)
	stop := make(chan struct{})
	slow := l.book()
	for i := range fast {
		b := l.book()
		fast[i] = func() {
			for {
				select {
				case <-stop:
					return
				default:
					l.fastSection(b)
					time.Sleep(100 * time.Microsecond)
				}
			}
		}
	}
	all := analyze(t, func() {
		together(append(fast, func() {
			defer close(stop)
			for range 60 {
				l.sleepySection(slow)
			}
		})...)
	})
	f := contentionAt(t, all, "(*ledger).fastSection")
	charged := charges(f)
	truth := float64(l.overlap("sleepy"))
	t.Logf("charged %v of %v", time.Duration(charged["(*ledger).sleepySection"]), time.Duration(truth))
	if got := charged["(*ledger).sleepySection"]; math.Abs(got-truth) > 0.05*truth {
		t.Errorf("the slow holder is charged %v, truth %v (all: %v)", time.Duration(got), time.Duration(truth), charged)
		show(t, all)
	}
	if got, want := float64(f.LostNanos), float64(l.total()); math.Abs(got-want) > 0.05*want {
		t.Errorf("waits %v in all, truth %v", time.Duration(got), time.Duration(want))
	}
}

// TestWaits compares counts and sums with the ledger of a program that computes
// under its lock. There are more processors than goroutines, so that some are idle on
// any machine, and its load only makes the holds longer.
func TestWaits(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(6))
	l := &ledger{}
	all := analyze(t, func() {
		var fs []func()
		for range 3 {
			b := l.book()
			fs = append(fs, repeat(25, func() { l.slowSection(b) }))
		}
		together(fs...)
	})
	f := contentionAt(t, all, "(*ledger).slowSection")
	if got, want := float64(f.LostNanos), float64(l.total()); math.Abs(got-want) > 0.05*want {
		t.Errorf("waits %v in all, truth %v", time.Duration(got), time.Duration(want))
	}
	if f.Severity != finding.Info {
		t.Errorf("severity %v beside the finding that names the cause, want info", f.Severity)
	}
	want := []string{"coarse-section observed mutex; holds it until here (*ledger).slowSection; waits here (*ledger).slowSection"}
	if got := causes(all); !slices.Equal(got, want) {
		t.Errorf("causes %q, want %q", got, want)
		show(t, all)
	}
	if want := charges(f)["(*ledger).slowSection"]; want == 0 {
		t.Error("nobody is charged")
	}
}

// contentionAt returns the one contention finding of waits at the function.
func contentionAt(t *testing.T, all []finding.Finding, at string) *finding.Finding {
	t.Helper()
	var found *finding.Finding
	for i := range all {
		f := &all[i]
		if f.Rule != "contention" || f.Certainty != observed {
			continue
		}
		if slices.ContainsFunc(f.Places, func(p finding.Place) bool {
			return p.Role == "waits here" && strings.HasSuffix(p.Stack.User().Func, pkg+at)
		}) {
			if found != nil {
				t.Errorf("two findings: %s and %s", found.Title, f.Title)
			}
			found = f
		}
	}
	if found == nil {
		show(t, all)
		t.Fatalf("no contention at %s", at)
	}
	return found
}

// charges returns the nanoseconds that each function makes others wait.
func charges(f *finding.Finding) map[string]float64 {
	got := map[string]float64{}
	for _, p := range f.Places {
		for _, m := range p.Measures {
			if m.Name == "makes others wait" {
				name := p.Stack.User().Func
				got[name[strings.LastIndex(name, pkg)+len(pkg):]] += m.Value
			}
		}
	}
	return got
}

// TestInternalLock: waits for the lock of a file descriptor, which user code cannot
// shorten, are information and no cause is named.
func TestInternalLock(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	const size, times = 1 << 17, 10 // larger than a pipe's buffer
	write := repeat(times, func() { w.Write(make([]byte, size)) })
	all := analyze(t, func() {
		together(write, write, write, func() {
			buf := make([]byte, size/4)
			for left := 3 * times * size; left > 0; {
				time.Sleep(500 * time.Microsecond)
				n, err := r.Read(buf)
				if err != nil {
					return
				}
				left -= n
			}
		})
	})
	w.Close()
	if got := causes(all); got != nil {
		t.Errorf("causes: %v", got)
	}
	if len(all) != 1 || all[0].Severity != finding.Info || !strings.Contains(all[0].Title, "internal lock") {
		t.Errorf("want one remark on an internal lock")
		show(t, all)
	}
}

// TestHolderAtEnd: the holder of the lock when the trace ends is named, with what it does.
func TestHolderAtEnd(t *testing.T) {
	s := &store{in: make(chan int)}
	var others sync.WaitGroup
	all := analyze(t, func() {
		s.mu.Lock()
		for range 3 {
			others.Go(s.onReceive)
		}
		for blockedIn("sync.(*Mutex).Lock") < 3 {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(20 * time.Millisecond)
		s.mu.Unlock() // the first waits for a value now, the others for it
		for blockedIn("[chan receive") < 1 {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(20 * time.Millisecond)
	})
	for range 3 {
		s.in <- 1
	}
	others.Wait()
	for i := range all {
		for _, g := range all[i].Goroutines {
			if strings.HasSuffix(g.Stack.User().Func, "(*store).onReceive") && g.State == "channel receive" {
				return
			}
		}
	}
	t.Error("the holder at the end is not named")
	show(t, all)
}

// blockedIn returns how many goroutines of onReceive are blocked in the function.
func blockedIn(function string) (n int) {
	buf := make([]byte, 1<<20)
	for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(stack, "(*store).onReceive(") && strings.Contains(stack, function) {
			n++
		}
	}
	return n
}
