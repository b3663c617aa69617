package callers

import (
	"strings"
	"sync"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// method stands for a lock method and helper for what it calls: a walk in helper
// starts at the caller of method.
//
//go:noinline
func method(pcs *Short) { helper(pcs) }

//go:noinline
func helper(pcs *Short) {
	if Fast {
		Walk(pcs)
	} else {
		Slow(pcs)
	}
}

func names(stack finding.Stack) []string {
	var out []string
	for _, f := range stack {
		out = append(out, f.ShortFunc())
	}
	return out
}

func TestWalkStartsAtTheCaller(t *testing.T) {
	if expectFast && !Fast {
		t.Error("the self-test finds no frame pointers")
	}
	var pcs Short
	method(&pcs)
	const want = "callers.TestWalkStartsAtTheCaller"
	if got := names(Expand(pcs[:])); len(got) == 0 || got[0] != want {
		t.Errorf("%q, want to start at %s", got, want)
	}
}

func TestWalkIsBoundedAndTerminated(t *testing.T) {
	var deep func(n int, pcs *Short)
	deep = func(n int, pcs *Short) {
		if n == 0 {
			method(pcs)
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
		method(&pcs) // above: this function and goexit
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
	method(&pcs)
	if Expand(pcs[:])[0].ShortFunc() != "callers.grow" {
		panic("lost the stack")
	}
	if n > 0 {
		room[n] = grow(n - 1)
	}
	return room[0]
}

func TestExpandDropsWrappers(t *testing.T) {
	result := make(chan []string)
	go relay(result)
	for _, name := range <-result {
		if strings.Contains(name, "gowrap") || strings.Contains(name, "goexit") {
			t.Errorf("wrapper frame %s", name)
		}
	}
	if Expand(nil) != nil || Expand(make([]uintptr, 3)) != nil {
		t.Error("an unknown stack has frames")
	}
}

func relay(result chan<- []string) {
	var pcs Short
	defer func() { result <- names(Expand(pcs[:])) }()
	method(&pcs)
}

func BenchmarkWalk(b *testing.B) {
	var pcs Short
	b.ReportAllocs()
	for b.Loop() {
		method(&pcs)
	}
}
