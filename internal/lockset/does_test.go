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
			if d, known := s.DoesOf(at); known {
				got = d.text()
			}
		} else {
			at.Func = "example.com/does.(*pool).waits"
			if n, known := s.NeedsOf(Point{Frame: at, Op: opOf(line)}); known {
				got = (&Does{setOf(n.sends), setOf(n.receives), n.signal, n.done, n.release}).text()
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

func setOf(all []string) map[string]bool {
	set := make(map[string]bool)
	for _, one := range all {
		set[one] = true
	}
	return set
}

func (d *Does) text() string {
	var parts []string
	for _, p := range []struct {
		name string
		all  map[string]bool
	}{{"sends", d.sends}, {"receives", d.receives}} {
		if len(p.all) > 0 {
			parts = append(parts, p.name+" "+strings.Join(slices.Sorted(maps.Keys(p.all)), " "))
		}
	}
	for _, p := range []struct {
		name string
		does bool
	}{{"signals", d.signals}, {"dones", d.dones}, {"releases", d.releases}} {
		if p.does {
			parts = append(parts, p.name)
		}
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
		{NeedsRelease, false},
	} {
		if got := d.Ends(tt.needs); got != tt.want {
			t.Errorf("%+v: %v", tt.needs, got)
		}
	}
}
