package suite

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/zerotouch/gocmd"
	"github.com/concdoctor/concdoctor/internal/zerotouch/internal/testgo"
	"github.com/concdoctor/concdoctor/internal/zerotouch/verdict"
)

// module is two packages with tests that share the faults of a third one.
var module = map[string]string{
	"go.mod": "module example.com/twice\n\ngo 1.25\n",
	"box/box.go": `package box

import "sync"

type Box struct {
	mu   sync.Mutex
	next *Box
}

var ledger sync.Mutex

func (b *Box) Put() {
	b.mu.Lock()
	defer b.mu.Unlock()
	ledger.Lock()
	defer ledger.Unlock()
}

func (b *Box) Audit() {
	ledger.Lock()
	defer ledger.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
}

// Both goes against the order on purpose.
func (b *Box) Both(o *Box) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o.mu.Lock() //concdoctor:ignore lock-cycle boxes are sorted by the caller
	defer o.mu.Unlock()
}

// Leave leaves a goroutine behind.
func Leave() {
	c := make(chan int)
	go func() { c <- 1 }()
}
`,
	"a/a_test.go": test("a", "TestFirst"),
	"b/b_test.go": test("b", "TestSecond"),
}

func test(pkg, name string) string {
	return `package ` + pkg + `

import (
	"sync"
	"testing"
	"time"

	"example.com/twice/box"
)

func ` + name + `(t *testing.T) {
	t.Run("leave", func(t *testing.T) {
		box.Leave()
		time.Sleep(20 * time.Millisecond) // it waits when the test ends
	})
	t.Run("order", func(t *testing.T) {
		b, c := new(box.Box), new(box.Box)
		var all sync.WaitGroup
		for _, f := range []func(){b.Put, b.Audit, func() { b.Both(c) }, func() { c.Both(b) }} {
			all.Go(f)
			time.Sleep(20 * time.Millisecond) // they do not meet
		}
		all.Wait()
	})
}
`
}

// TestProcesses runs the tests of two packages, each in a process of its own: one report
// tells what both showed once, and in which tests.
func TestProcesses(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	dir, tapes := t.TempDir(), t.TempDir()
	for name, text := range module {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tools, err := testgo.Flag()
	if err != nil {
		t.Fatal(err)
	}
	watch := verdict.Watch(t.Context(), tapes, verdict.Options{})
	cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-toolexec="+tools, "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), gocmd.TapeDir+"="+tapes, "GOFLAGS=", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	rep, err := watch.Finish()
	if err != nil {
		t.Fatal(err)
	}
	type brief struct {
		Rule      finding.RuleID
		Certainty string
		Names     []string
		Seen      []finding.Sighting
	}
	seen := func(test string) []finding.Sighting {
		return []finding.Sighting{
			{Program: "example.com/twice/a", Test: "TestFirst/" + test, Count: 1},
			{Program: "example.com/twice/b", Test: "TestSecond/" + test, Count: 1},
		}
	}
	want := []brief{
		{"lock-cycle", "potential", []string{"(*Box).mu", "box.ledger"}, seen("order")},
		{"goroutine-leak", "proven", []string{"c of Leave"}, seen("leave")},
	}
	var got []brief
	for _, f := range rep.Findings {
		b := brief{Rule: f.Rule, Certainty: f.Certainty.String(), Seen: f.Seen}
		for _, r := range f.Resources {
			b.Names = append(b.Names, r.Name)
		}
		got = append(got, b)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if s := rep.Suppressed; len(s) != 1 || !s[0].InSource || s[0].Finding.Count != 2 {
		t.Errorf("suppressed are %+v, want that of Both, by its comment", s)
	}
	if n := len(rep.Inputs); n != 2 {
		t.Errorf("%d processes, want 2", n)
	}
}
