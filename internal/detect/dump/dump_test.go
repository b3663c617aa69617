package dump

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
)

func TestParse(t *testing.T) {
	const text = `goroutine 1 [running]:
main.main()
	/src/main.go:9 +0x1d

goroutine 18 [chan receive, 2 minutes, locked to thread]:
example.com/pool.(*Pool).work(0xc000012345, {0x1, 0x2})
	/src/pool.go:12 +0x1d
example.com/pool.Start.func1(...)
	C:/src/pool.go:30
created by example.com/pool.Start in goroutine 1
	/src/pool.go:28 +0x5f

not a goroutine
`
	want := []Goroutine{
		{ID: 1, State: "running", Stack: finding.Stack{{Func: "main.main", File: "/src/main.go", Line: 9}}},
		{
			ID: 18, State: "chan receive", Parent: 1,
			Stack: finding.Stack{
				{Func: "example.com/pool.(*Pool).work", File: "/src/pool.go", Line: 12},
				{Func: "example.com/pool.Start.func1", File: "C:/src/pool.go", Line: 30},
			},
			Created: finding.Frame{Func: "example.com/pool.Start", File: "/src/pool.go", Line: 28},
		},
	}
	if diff := cmp.Diff(want, Parse([]byte(text))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

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

func FuzzParse(f *testing.F) {
	f.Add([]byte("goroutine 1 [running]:\nmain.main()\n\t/src/main.go:9 +0x1d\n"))
	f.Add([]byte("goroutine 1 gp=0x1 m=0 [running]:\ncreated by x in goroutine 7\n\t:\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, g := range Parse(text) {
			if strings.ContainsRune(g.State, ']') {
				t.Errorf("state %q", g.State)
			}
		}
	})
}
