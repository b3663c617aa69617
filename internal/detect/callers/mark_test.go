package callers

import (
	"slices"
	"sync"
	"testing"
)

// marked stands for a lock method that makes a mark, and walked for one that walks.
//
//go:noinline
func marked(m *Mark) { MarkHere(m) }

//go:noinline
func markedDeeper(m *Mark) { markCaller(m) }

//go:noinline
func markCaller(m *Mark) { MarkCaller(m) }

// both returns a mark of its caller made in either way, and the stack by Walk.
//
//go:noinline
func both(deeper bool, m *Mark, walked *Short) {
	if deeper {
		markedDeeper(m)
	} else {
		marked(m)
	}
	method(walked)
}

// returnAfter makes the mark in n functions that have returned afterwards.
//
//go:noinline
func returnAfter(n int, deeper bool, m *Mark, walked *Short) {
	if n == 2 {
		both(deeper, m, walked)
		return
	}
	returnAfter(n-1, deeper, m, walked)
}

// under calls f below n calls of its own.
//
//go:noinline
func under(n int, f func()) {
	if n == 0 {
		f()
		return
	}
	under(n-1, f)
}

func requireMarks(t *testing.T) {
	t.Helper()
	if !Fast {
		t.Skip("this build walks no frame pointers") // nor does it make marks
	}
}

// Up to two functions may have returned: the third one of the mark is still there.
func TestMarkResumesWhileItsLastFunctionRuns(t *testing.T) {
	requireMarks(t)
	for _, deeper := range []bool{false, true} {
		for returned := 1; returned <= 2; returned++ {
			for above := range 10 {
				under(above, func() {
					var m Mark
					var walked, resumed Short
					if returned == 1 {
						both(deeper, &m, &walked)
					} else {
						returnAfter(2, deeper, &m, &walked)
					}
					whole := m.Resume(&resumed)
					// both makes the mark and walks on different lines of its own.
					got, want := names(Expand(resumed[:])), names(Expand(walked[:]))
					if !whole || !slices.Equal(got, want) || !slices.Equal(resumed[1:], walked[1:]) {
						t.Errorf("deeper %v, %d returned, %d above: whole %v\n%q, want\n%q", deeper, returned, above, whole, got, want)
					}
				})
			}
		}
	}
}

func TestMarkIsTruncatedWhenItsFunctionsHaveReturned(t *testing.T) {
	requireMarks(t)
	var m Mark
	var walked, resumed Short
	returnAfter(6, false, &m, &walked)
	if m.Resume(&resumed) {
		t.Errorf("the mark is said to be whole: %q", names(Expand(resumed[:])))
	}
	if !slices.Equal(resumed[1:MarkDepth], walked[1:MarkDepth]) || resumed[MarkDepth] != 0 {
		t.Errorf("%q, want the first %d calls of %q", names(Expand(resumed[:])), MarkDepth, names(Expand(walked[:])))
	}
}

func TestMarkOfAShallowStackIsWhole(t *testing.T) {
	requireMarks(t)
	done := make(chan Mark)
	go shallow(done)
	m := <-done
	var pcs Short
	if !m.IsWhole() || !m.Resume(&pcs) || pcs[2] != 0 { // elsewhere: it has all there was
		t.Errorf("whole %v: %q", m.IsWhole(), names(Expand(pcs[:])))
	}
	if got := names(Expand(pcs[:])); len(got) == 0 || got[0] != "callers.shallow" {
		t.Errorf("%q, want callers.shallow", got)
	}
}

func shallow(done chan<- Mark) {
	var m Mark
	marked(&m)
	done <- m
}

func TestMarkWhileStacksMove(t *testing.T) {
	requireMarks(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				growMarked(64)
			}
		})
	}
	group.Wait()
}

// growMarked makes a mark at every depth of a stack that must be copied to grow, and makes
// it whole after it has grown.
//
//go:noinline
func growMarked(n int) byte {
	var room [512]byte
	var m Mark
	var walked, resumed Short
	both(false, &m, &walked)
	if n > 0 {
		room[n] = growMarked(n - 1)
	}
	if !m.Resume(&resumed) || !slices.Equal(resumed[1:], walked[1:]) {
		panic("lost the stack")
	}
	return room[0]
}

func BenchmarkMark(b *testing.B) {
	requireMarksIn(b)
	var m Mark
	b.ReportAllocs()
	for b.Loop() {
		marked(&m)
	}
}

func requireMarksIn(b *testing.B) {
	if !Fast {
		b.Skip("this build walks no frame pointers")
	}
}
