package lockset

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
)

var ops = map[string]Op{"call": Call, "lock": Lock, "rlock": RLock, "send": Send, "receive": Receive, "select": Select, "wait": Wait}

var expectation = regexp.MustCompile(`// at (\S+) (\w+)(?: (\S+))?:(.*)$`)

func short(f Facts) string {
	var held []string
	for _, h := range f.Held {
		text := h.Expr
		if h.Mode == finding.Shared {
			text += "/shared"
		}
		if !h.Sure {
			text += "?"
		}
		held = append(held, text)
	}
	text := strings.Join(held, ", ")
	var released []string
	for _, o := range f.Released {
		released = append(released, o.Expr)
	}
	if len(released) > 0 {
		text += "| " + strings.Join(released, ", ")
	}
	return text
}

func TestAt(t *testing.T) {
	file, err := filepath.Abs("testdata/held.go")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s, tried := New(nil), 0
	for i, line := range strings.Split(string(text), "\n") {
		m := expectation.FindStringSubmatch(line)
		if m == nil || strings.HasPrefix(line, "//") {
			continue
		}
		tried++
		callee := m[3]
		if strings.Contains(callee, ".func") {
			callee = "" // a literal has no name in the source
		}
		facts, ok := s.At(Point{Frame: finding.Frame{Func: "example.com/" + m[1], File: file, Line: i + 1}, Op: ops[m[2]], Callee: callee})
		if !ok {
			t.Errorf("line %d: not met: %s", i+1, line)
			continue
		}
		if diff := cmp.Diff(strings.TrimSpace(m[4]), strings.TrimSpace(short(facts))); diff != "" {
			t.Errorf("line %d: held (-want +got):\n%s", i+1, diff)
		}
	}
	if tried < 25 {
		t.Errorf("only %d expectations were read", tried)
	}
}
