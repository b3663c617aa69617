package goroutines

import (
	"slices"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/internal/detect/gid"
)

func TestTakeSeesParents(t *testing.T) {
	ids, end := make(chan uint64), make(chan bool)
	defer close(end)
	const goroutines = 500
	for range goroutines {
		go func() {
			ids <- gid.Slow()
			<-end
		}()
	}
	var children []uint64
	for range goroutines {
		children = append(children, <-ids)
	}
	all, complete := Take()
	if !complete {
		t.Error("the dump is not complete")
	}
	me := gid.Slow()
	found := 0
	for _, g := range all {
		if !slices.Contains(children, g.ID) {
			continue
		}
		found++
		if g.Parent != me || !strings.HasSuffix(g.Created.Func, "TestTakeSeesParents") {
			t.Errorf("goroutine %d: created by %s in %d, want this test in %d", g.ID, g.Created.Func, g.Parent, me)
		}
	}
	if found != goroutines {
		t.Errorf("%d of %d goroutines", found, goroutines)
	}
}
