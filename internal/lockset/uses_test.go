package lockset

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
)

const usesSource = `package uses

type loop struct{ in, out, done chan int }

func (l *loop) run() {
	defer func() { close(l.done) }()
	go func() { l.out <- 1 }()
	func() { <-l.in }()
}

func (l *loop) echo() { l.out <- <-l.out }

func (l *loop) relay() { l.out <- <-l.in }
`

// TestUses shows that a literal which the function defers or calls is part of it, and one that
// it starts is not.
func TestUses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "uses.go")
	if err := os.WriteFile(file, []byte(usesSource), 0o600); err != nil {
		t.Fatal(err)
	}
	at := func(method string, line int) finding.Frame {
		return finding.Frame{Func: "example.com/uses.(*loop)." + method, File: file, Line: line}
	}
	u, ok := New(nil).UsesOf(at("run", 6))
	if !ok {
		t.Fatal("the source is not at hand")
	}
	var got []string
	for _, c := range u.Channels {
		got = append(got, string(c.Mode)+" "+c.Expr)
	}
	if len(got) != 2 || got[0] != "send l.done" || got[1] != "receive l.in" {
		t.Errorf("run does %q", got)
	}
	for method, want := range map[string]bool{"echo": true, "relay": false} {
		if got := New(nil).DoesBoth(at(method, map[string]int{"echo": 11, "relay": 13}[method])); got != want {
			t.Errorf("%s does both sides: %v", method, got)
		}
	}
}
