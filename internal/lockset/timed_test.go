package lockset

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// frameOf is a call of the function, at the line that has the text.
func frameOf(t *testing.T, file, function, text string) finding.Frame {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, _, found := strings.Cut(string(source), text)
	if !found {
		t.Fatalf("no %q in %s", text, path)
	}
	return finding.Frame{Func: "example.com/" + function, File: path, Line: 1 + strings.Count(before, "\n")}
}

func exprs(all []Object) (list []string) {
	for _, o := range all {
		list = append(list, o.Expr)
	}
	return list
}

// TestTimedBy holds what timers may run: methods, literals, variables that hold them, and
// what they call.
func TestTimedBy(t *testing.T) {
	run, unrelated := frameOf(t, "timed.go", "timed.(*clock).run", "range c.other"), frameOf(t, "timed.go", "timed.(*subs).publish", "<-last")
	got := New(nil).TimedBy([]finding.Frame{run})
	var channels []string
	for _, c := range got.Channels {
		channels = append(channels, string(c.Mode)+" "+c.Expr)
	}
	for name, pair := range map[string][2][]string{
		"channels":  {{"send c.ticks", "send c.stop"}, channels},
		"done":      {{"c.g"}, exprs(got.Done)},
		"signalled": {{"c.some"}, exprs(got.Signalled)},
		"released":  {{"c.mu"}, exprs(got.Released)},
	} {
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got.Any {
		t.Error("a function is unknown")
	}
	if got := New(nil).TimedBy([]finding.Frame{unrelated}); len(got.Channels) > 0 || len(got.Done) > 0 {
		t.Errorf("a function that calls none which sets a timer: %+v", got)
	}
	if !New(nil).TimedBy([]finding.Frame{frameOf(t, "scheduled/any.go", "scheduled.later", "f()")}).Any {
		t.Error("what a parameter does is known")
	}
}

// TestOrigin holds that an element of a field is one with the field's other elements.
func TestOrigin(t *testing.T) {
	s := New(nil)
	for text, want := range map[string]bool{"c <- 1 // a map": true, "<-last": true, "<-own": false, "<-twice": false} {
		op := Receive
		if strings.HasPrefix(text, "c <-") {
			op = Send
		}
		facts, ok := s.At(Point{Frame: frameOf(t, "timed.go", "timed.(*subs).publish", text), Op: op})
		if !ok || len(facts.Cases) != 1 {
			t.Errorf("%s: not met", text)
		} else if from := facts.Cases[0].From; (from != "") != want {
			t.Errorf("%s: from %q", text, from)
		}
	}
}
