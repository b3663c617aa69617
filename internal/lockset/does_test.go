package lockset

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
)

var doesMark = regexp.MustCompile(`// (does|needs): (.+)$`)

// TestDoes reads its cases from testdata.
func TestDoes(t *testing.T) {
	file, err := filepath.Abs("testdata/does.go")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s, tried := New(nil), 0
	for i, line := range strings.Split(string(text), "\n") {
		m := doesMark.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		tried++
		at := finding.Frame{Func: "example.com/does.(*pool).start", File: file, Line: i + 1}
		got := "unknown"
		if m[1] == "does" {
			if d, known := s.DoesOf(finding.Frame{}, at); known {
				got = d.text()
			}
		} else {
			at.Func = "example.com/does.(*pool).waits"
			if n, known := s.NeedsOf(Point{Frame: at, Op: opOf(line)}); known {
				got = textOf(n.sends, n.receives, n.signal, n.done)
			}
		}
		if got != m[2] {
			t.Errorf("line %d: %s\ngot %s", i+1, strings.TrimSpace(line), got)
		}
	}
	if tried < 15 {
		t.Errorf("%d cases", tried)
	}
}

func opOf(line string) Op {
	switch {
	case strings.Contains(line, "select"):
		return Select
	case strings.Contains(line, " <- "):
		return Send
	}
	return Receive
}

func (d *Does) text() string {
	return textOf(slices.Sorted(maps.Keys(d.sends)), slices.Sorted(maps.Keys(d.receives)), d.signals, d.dones)
}

func textOf(sends, receives []string, signals, dones bool) string {
	var parts []string
	for _, p := range []struct {
		name string
		all  []string
	}{{"sends", sends}, {"receives", receives}} {
		if len(p.all) > 0 {
			parts = append(parts, p.name+" "+strings.Join(p.all, " "))
		}
	}
	if signals {
		parts = append(parts, "signals")
	}
	if dones {
		parts = append(parts, "dones")
	}
	if parts == nil {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

// A goroutine ends a wait if it may do what that needs: of a channel whose type is not known
// it may be any.
func TestEnds(t *testing.T) {
	d := &Does{sends: map[string]bool{"int": true}, receives: map[string]bool{unknownType: true}, signals: true}
	for _, tt := range []struct {
		needs Needs
		want  bool
	}{
		{Needs{sends: []string{"int"}}, true},
		{Needs{sends: []string{"error"}}, false},
		{Needs{sends: []string{"error"}, receives: []string{"error"}}, true},
		{NeedsSignal, true},
		{NeedsDone, false},
	} {
		if got := d.Ends(tt.needs); got != tt.want {
			t.Errorf("%+v: %v", tt.needs, got)
		}
	}
}
