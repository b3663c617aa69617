//go:build !concdoctor_off

package detect_test

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/agent/snapshot"
	"github.com/concdoctor/concdoctor/internal/detect"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
)

// untilWaiting waits until a goroutine waits in the function and returns it.
func untilWaiting(t *testing.T, function string) snapshot.Goroutine {
	t.Helper()
	for {
		for _, g := range agent.Snapshot(snapshot.Options{MaxStacks: -1}).Goroutines {
			if g.Wait != nil && short(g.Wait.Stack) == function {
				return g
			}
		}
		runtime.Gosched()
	}
}

//go:noinline
func holdHere(l locker) { l.Lock() }

//go:noinline
func wantHere(l locker) { l.Lock() }

//go:noinline
func readHere(l *agent.RWMutex) { l.RLock() }

//go:noinline
func parkHere(c chan bool) { <-c }

// TestSnapshotShowsHoldersAndWaiters looks at two readers in a channel wait, a
// writer that waits for both with another lock in hand, and one that waits for the writer.
func TestSnapshotShowsHoldersAndWaiters(t *testing.T) {
	detect.ResetForTest(t)
	measured(t)
	var rw agent.RWMutex
	var mu agent.Mutex
	release, reading := make(chan bool), make(chan bool)
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			readHere(&rw)
			reading <- true
			parkHere(release)
			rw.RUnlock()
		})
		<-reading
	}
	group.Go(func() {
		holdHere(&mu)
		wantHere(&rw)
		rw.Unlock()
		mu.Unlock()
	})
	writer := untilWaiting(t, "wantHere")
	group.Go(func() {
		mu.Lock()
		mu.Unlock()
	})
	last := untilWaiting(t, "TestSnapshotShowsHoldersAndWaiters.func")

	var s *snapshot.Snapshot
	for parked := 0; parked < 2; runtime.Gosched() {
		s = agent.Snapshot(snapshot.Options{MaxStacks: math.MaxInt, MaxPause: -1}) // other tests leave goroutines behind
		parked = 0
		for _, g := range s.Goroutines {
			if g.State == "chan receive" && short(g.Stack) == "parkHere" {
				parked++
			}
		}
	}
	if !s.Stacks || s.Note != "" || !s.Detecting || !s.Statistics || s.Schema != snapshot.SchemaVersion {
		t.Errorf("snapshot without stacks or statistics: %+v", s.Note)
	}
	readers := []uint64{}
	for _, g := range s.Goroutines {
		if len(g.Holds) > 0 && short(g.Holds[0].Stack) == "readHere" && g.Wait == nil {
			readers = append(readers, g.ID)
			if g.Holds[0].Mode != finding.Shared || g.Holds[0].Nanos <= 0 || short(g.Stack) != "parkHere" || g.State != "chan receive" {
				t.Errorf("reader %+v", g)
			}
		}
	}
	w, l := s.Goroutine(writer.ID), s.Goroutine(last.ID)
	if len(readers) != 2 || w == nil || l == nil {
		t.Fatalf("readers %v, writer %v, last %v", readers, w, l)
	}
	if !slices.Equal(w.Wait.For, readers) || w.Wait.Mode != finding.Exclusive || w.Wait.Op != "lock" || w.Wait.Nanos <= 0 {
		t.Errorf("the writer waits %+v, want for %v", w.Wait, readers)
	}
	if len(w.Holds) != 1 || short(w.Holds[0].Stack) != "holdHere" {
		t.Errorf("the writer holds %+v", w.Holds)
	}
	if !slices.Equal(l.Wait.For, []uint64{writer.ID}) {
		t.Errorf("the last one waits %+v, want for the writer", l.Wait)
	}
	resource := w.Wait.Resources[0]
	if got := s.Resources[resource]; got.Kind != finding.RWMutex || s.Classes[got.ClassID].Site.ShortFunc() != "detect_test.readHere" {
		t.Errorf("the writer waits for %+v", got)
	}
	if got := s.Holders(resource); len(got) != 2 {
		t.Errorf("%d holders, want the 2 readers", len(got))
	}
	if got := s.Waiters(resource); len(got) != 1 || got[0].ID != writer.ID {
		t.Errorf("waiters %v, want the writer", got)
	}
	close(release)
	group.Wait()
}

//go:noinline
func dieWith(l locker) { l.Lock() }

// TestSnapshotShowsWhatTheDeadHold ends goroutines with locks in their hands: by a
// plain go statement, and by Go, which sees the end.
func TestSnapshotShowsWhatTheDeadHold(t *testing.T) {
	if !detect.KnowsCreators {
		t.Skip("this build does not know when a goroutine has ended")
	}
	detect.ResetForTest(t)
	var plain, seen agent.Mutex
	done := make(chan bool)
	agent.Go(func() {
		defer close(done)
		dieWith(&seen)
	})
	<-done
	go dieWith(&plain)
	for {
		found := map[uint64]bool{}
		s := agent.Snapshot(snapshot.Options{MaxStacks: -1})
		for _, g := range s.Goroutines {
			for _, h := range g.Holds {
				address := s.Resources[h.Resource].Address
				ours := address == uint64(uintptr(unsafe.Pointer(&plain))) || address == uint64(uintptr(unsafe.Pointer(&seen)))
				if ours && g.State == snapshot.Ended && short(h.Stack) == "dieWith" {
					if found[address] {
						t.Fatalf("lock at %x has two dead holders", address)
					}
					found[address] = true
				}
			}
		}
		if len(found) == 2 {
			break
		}
		runtime.Gosched()
	}
	plain.Unlock() // legal from here
	seen.Unlock()
}

// TestSnapshotKnowsPartners asks which goroutines could end a wait for a channel.
func TestSnapshotKnowsPartners(t *testing.T) {
	detect.ResetForTest(t)
	c := agent.MakeChan[int](0)
	sent, goOn, over := make(chan uint64), make(chan bool), make(chan bool)
	go func() {
		c.Send(1)
		sent <- gid.Slow()
		<-goOn
		c.Send(2)
	}()
	c.Recv()
	sender := <-sent
	go agent.Do(context.Background(), "reader", func(context.Context) {
		c.Recv()
		close(over)
	})
	for {
		s := agent.Snapshot(snapshot.Options{MaxStacks: -1})
		at := slices.IndexFunc(s.Goroutines, func(g snapshot.Goroutine) bool {
			return g.Wait != nil && g.Wait.Op == "receive" && slices.Equal(g.Wait.Partners, []uint64{sender})
		})
		if at >= 0 {
			r := s.Resources[s.Goroutines[at].Wait.Resources[0]]
			if r.Kind != finding.Channel || r.ClassID != -1 || s.Goroutines[at].Name != "reader" {
				t.Errorf("%q waits for %+v", s.Goroutines[at].Name, r)
			}
			break
		}
		runtime.Gosched()
	}
	close(goOn)
	<-over
}

//go:noinline
func orderA(l locker) { l.Lock() }

//go:noinline
func orderB(l locker) { l.Lock() }

//go:noinline
func orderLeaf(l locker) { l.Lock() }

func TestSnapshotDrawsTheLockOrder(t *testing.T) {
	detect.ResetForTest(t)
	detect.ForgetStatistics()
	var a, b, leaf agent.Mutex
	run(func() {
		orderA(&a)
		orderB(&b)
		orderLeaf(&leaf)
		leaf.Unlock()
		b.Unlock()
		a.Unlock()
	},
		func() { b.Lock(); a.Lock(); a.Unlock(); b.Unlock() })
	s := agent.Snapshot(snapshot.Options{})
	type line struct {
		from, to, held, asked string
		cyclic                bool
	}
	var got []line
	for _, e := range s.Edges {
		from, ours := strings.CutPrefix(s.Classes[e.From].Site.ShortFunc(), "detect_test.")
		to := strings.TrimPrefix(s.Classes[e.To].Site.ShortFunc(), "detect_test.")
		if e.Count > 0 && ours && (from == "orderA" || from == "orderB") {
			got = append(got, line{from, to, short(e.Held), short(e.Asked), e.Cyclic})
		}
	}
	const back = "TestSnapshotDrawsTheLockOrder.func"
	want := []line{
		{"orderA", "orderB", "orderA", "orderB", true},
		{"orderA", "orderLeaf", "orderA", "orderLeaf", false},
		{"orderB", "orderLeaf", "orderB", "orderLeaf", false},
		{"orderB", "orderA", back, back, true},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(line{})); diff != "" {
		t.Errorf("edges (-want +got):\n%s", diff)
	}
	if len(s.Findings) != 1 || s.Findings[0].Rule != "lock-cycle" {
		t.Errorf("findings %v", s.Findings)
	}
	if c := s.Counters; c.GraphLocks == 0 || c.GraphDependencies == 0 || c.States == 0 && detect.KnowsCreators || c.Bytes == 0 || c.Goroutines == 0 {
		t.Errorf("counters %+v", c)
	}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var again snapshot.Snapshot
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, &again); diff != "" {
		t.Errorf("JSON does not come back (-want +got):\n%s", diff)
	}
}

func TestSnapshotTakesStacksWithinItsLimit(t *testing.T) {
	var mu agent.Mutex
	mu.Lock()
	defer mu.Unlock()
	for limit, want := range map[int]bool{-1: false, 1: false, math.MaxInt: true} {
		s := agent.Snapshot(snapshot.Options{MaxStacks: limit, MaxPause: -1})
		if s.Stacks != want || (s.Note != "") != (limit == 1) {
			t.Errorf("limit %d: stacks %t, note %q", limit, s.Stacks, s.Note)
		}
	}
}

// The ladder is climbed in one order, each rung in its own function.

//go:noinline
func rung0(l locker) { l.Lock() }

//go:noinline
func rung1(l locker) { l.Lock() }

//go:noinline
func rung2(l locker) { l.Lock() }

// TestSnapshotOfRunningGoroutines takes snapshots while goroutines take and release
// locks without a pause. What each is said to hold must be something that it held
// at some moment: a part of the ladder in its order, and taken where it was taken.
func TestSnapshotOfRunningGoroutines(t *testing.T) {
	detect.ResetForTest(t)
	rungs := []func(locker){rung0, rung1, rung2}
	const climbers = 2
	var stop sync.WaitGroup
	quit := make(chan bool)
	for c := range climbers {
		stop.Go(func() {
			r := rand.New(rand.NewPCG(uint64(c), 3))
			for {
				select {
				case <-quit:
					return
				default:
				}
				var ladder [3]agent.Mutex // new records, which a snapshot meets unprepared
				for i := range ladder {
					rungs[i](&ladder[i])
				}
				for i := range r.IntN(3) { // from the bottom: the rest moves down
					ladder[i].Unlock()
					rungs[i](&ladder[i])
				}
				for i := range ladder {
					ladder[i].Unlock()
				}
			}
		})
	}
	names := []string{"rung0", "rung1", "rung2"}
	seen := 0
	for round := 0; round < 60 || seen == 0; round++ {
		s := agent.Snapshot(snapshot.Options{MaxStacks: -1})
		for _, g := range s.Goroutines {
			held := map[int]bool{}
			for _, h := range g.Holds {
				name := short(h.Stack)
				class := s.Classes[s.Resources[h.Resource].ClassID].Site.ShortFunc()
				if !slices.Contains(names, name) {
					continue // another test's
				}
				seen++
				if class != "detect_test."+name {
					t.Errorf("a lock of %s was taken at %s", class, name)
				}
				if held[h.Resource] {
					t.Errorf("goroutine %d holds %s twice", g.ID, name)
				}
				held[h.Resource] = true
			}
			if len(held) > len(names) {
				t.Errorf("goroutine %d holds %d rungs", g.ID, len(held))
			}
		}
	}
	close(quit)
	stop.Wait()
}
