package callers

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
)

//go:noinline
func outer(pcs *Short, skip int) { middle(pcs, skip) }

//go:noinline
func middle(pcs *Short, skip int) { inner(pcs, skip) }

//go:noinline
func inner(pcs *Short, skip int) { take(pcs, skip) }

// take is small enough to be inlined.
func take(pcs *Short, skip int) { Walk(pcs, skip) }

func names(stack finding.Stack) []string {
	var out []string
	for _, f := range stack {
		out = append(out, f.ShortFunc())
	}
	return out
}

func TestWalkStartsAtTheCaller(t *testing.T) {
	var pcs Short
	for skip, want := range []string{"callers.middle", "callers.outer", "callers.TestWalkStartsAtTheCaller"} {
		outer(&pcs, skip)
		if got := names(Expand(pcs[:])); len(got) == 0 || got[0] != want {
			t.Errorf("skip %d: %q, want to start at %s", skip, got, want)
		}
	}
}

func TestWalkIsBoundedAndTerminated(t *testing.T) {
	var deep func(n int, pcs *Short)
	deep = func(n int, pcs *Short) {
		if n == 0 {
			Walk(pcs, 0)
			return
		}
		deep(n-1, pcs)
	}
	var pcs Short
	deep(100, &pcs)
	for i, pc := range pcs {
		if pc == 0 {
			t.Fatalf("a deep stack ends after %d frames", i)
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		inner(&pcs, 1) // above: this function and goexit
	}()
	<-done
	for _, name := range names(Expand(pcs[:])) {
		if strings.Contains(name, "deep") {
			t.Errorf("a shallow stack keeps what was there: %q", names(Expand(pcs[:])))
		}
	}
}

func TestWalkWhileStacksMove(t *testing.T) {
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 200 {
				grow(64)
			}
		})
	}
	group.Wait()
}

// grow walks at every depth of a stack that must be copied to grow.
func grow(n int) byte {
	var room [512]byte
	var pcs Short
	inner(&pcs, 0)
	if Expand(pcs[:])[0].ShortFunc() != "callers.grow" {
		panic("lost the stack")
	}
	if n > 0 {
		room[n] = grow(n - 1)
	}
	return room[0]
}

func TestSlowAgreesWithWalk(t *testing.T) {
	var fast, slow Short
	Walk(&fast, 0)
	Slow(&slow, 0)
	if got, want := names(Expand(fast[:])), names(Expand(slow[:])); !slices.Equal(got, want) {
		t.Errorf("Walk %q, Slow %q", got, want)
	}
}

func TestExpandDropsWrappers(t *testing.T) {
	result := make(chan []string)
	go relay(result, 1)
	for _, name := range <-result {
		if strings.Contains(name, "gowrap") || strings.Contains(name, "goexit") {
			t.Errorf("wrapper frame %s", name)
		}
	}
	if Expand(nil) != nil || Expand(make([]uintptr, 3)) != nil {
		t.Error("an unknown stack has frames")
	}
}

func relay(result chan<- []string, n int) {
	var pcs Short
	defer func() { result <- names(Expand(pcs[:])) }()
	inner(&pcs, n-1)
}

func BenchmarkWalk(b *testing.B) {
	var pcs Short
	b.ReportAllocs()
	for b.Loop() {
		inner(&pcs, 0)
	}
}
