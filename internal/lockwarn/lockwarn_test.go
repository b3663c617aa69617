package lockwarn

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/logtext"
	"github.com/concdoctor/concdoctor/internal/sentences"
)

func captured(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name + ".log")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func read(r io.Reader) (*Log, error) {
	log := new(Log)
	reports := log.reports()
	_, err := logtext.Read(r, reports.Line)
	reports.EndAll()
	return log, err
}

func mustRead(t testing.TB, text string) *Log {
	t.Helper()
	log, err := read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// outline writes findings in short: rule, certainty, resources and the site of each
// hold and wait.
func outline(found []finding.Finding) []string {
	var lines []string
	for _, f := range found {
		text := fmt.Sprintf("%s %s %s", f.Rule, f.Certainty, f.Severity)
		for _, r := range f.Resources {
			text += " " + string(r.Kind)
		}
		for _, g := range f.Goroutines {
			text += " |"
			for _, h := range g.Holds {
				text += fmt.Sprintf(" holds %d since %s", h.Resource, h.Stack.Site())
			}
			if g.Wait != nil {
				text += fmt.Sprintf(" waits %d at %s", g.Wait.Resource, g.Wait.Stack.Site())
			}
		}
		lines = append(lines, text)
	}
	return lines
}

var want = map[string]string{
	"order": "lock-cycle suspected error mutex mutex | holds 0 since main.transfer main.go:22 waits 1 at main.transfer main.go:24" +
		" | holds 1 since main.transfer main.go:22 waits 0 at main.transfer main.go:24",
	"recursive": "self-deadlock potential error mutex | holds 0 since main.(*account).add main.go:44 waits 0 at main.(*account).check main.go:50",
	"read":      "rlock-recursion potential error rwmutex | holds 0 since main.(*table).read main.go:87 waits 0 at main.(*table).again main.go:93",
	"order-0.2": "lock-cycle suspected error mutex mutex | holds 0 since main.transfer main.go:22 waits 1 at main.transfer main.go:24" +
		" | holds 1 since main.transfer main.go:22 waits 0 at main.transfer main.go:24",
	"recursive-0.2": "self-deadlock potential error mutex | holds 0 since main.(*account).add main.go:44 waits 0 at main.(*account).check main.go:50",
	"timeout-0.2":   "stuck suspected error mutex | holds 0 since main.(*account).hold main.go:75 | waits 0 at main.(*account).hold main.go:75",
	"timeout":       "stuck suspected error mutex | holds 0 since main.(*account).hold main.go:75 | waits 0 at main.(*account).hold main.go:75",
}

// TestReadCaptured reads what go-deadlock wrote (testdata/lockwarn in the root of the
// repository makes it), plain and dressed as logs dress it.
func TestReadCaptured(t *testing.T) {
	dressed := map[string]func(string) string{
		"plain": func(s string) string { return s },
		"prefix": func(s string) string {
			return "web-1 | " + strings.ReplaceAll(s, "\n", "\nweb-1 | ")
		},
		"blank lines": func(s string) string { return strings.ReplaceAll(s, "\n", "\n\n") },
		"Windows":     func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"test": func(s string) string {
			var b strings.Builder
			for line := range strings.Lines(s) {
				fmt.Fprintf(&b, "{\"Action\":\"output\",\"Package\":\"p\",\"Output\":%q}\n", line)
			}
			return b.String()
		},
	}
	for name, want := range want {
		for how, dress := range dressed {
			t.Run(name+"/"+how, func(t *testing.T) {
				log := mustRead(t, dress(captured(t, name)))
				sentences.Hold(t, log.Findings("log")...)
				if diff := cmp.Diff([]string{want}, outline(log.Findings("log"))); diff != "" || log.Unparsed != 0 {
					t.Errorf("%d unparsed, findings (-want +got):\n%s", log.Unparsed, diff)
				}
			})
		}
	}
}

// TestConfused holds that nothing is believed of one goroutine where go-deadlock takes all
// for one, and that a wait that it measured stays.
func TestConfused(t *testing.T) {
	same := captured(t, "confused-0")
	for _, tt := range []struct {
		name, text, id string
		want           []string
	}{
		{"goroutine 0", same, "0", nil},
		{"goroutine 2", strings.ReplaceAll(same, "goroutine 0 ", "goroutine 2 "), "2", nil},
		{"an order, and other goroutines", strings.ReplaceAll(captured(t, "order"), "goroutine 21 ", "goroutine 2 "), "2", nil},
		{"a wait", strings.NewReplacer("goroutine 19 lock", "goroutine 2 lock", "goroutine 21 lock", "goroutine 2 lock").Replace(captured(t, "timeout")), "2",
			[]string{want["timeout"]}},
		{"goroutine 20", strings.ReplaceAll(same, "goroutine 0 ", "goroutine 20 "), "", []string{
			"self-deadlock potential error mutex | holds 0 since main.(*account).hold main.go:75 waits 0 at main.(*account).hold main.go:75"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			log := mustRead(t, tt.text)
			if got := log.Confused(); got != tt.id {
				t.Errorf("goroutine %q, want %q", got, tt.id)
			}
			sentences.Hold(t, log.Findings("log")...)
			got := outline(log.Findings("log"))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOwnCalls holds that a stack begins with the user's call, also where go-deadlock's own
// was not inlined.
func TestOwnCalls(t *testing.T) {
	const own = "~/go/pkg/mod/github.com/sasha-s/go-deadlock@v0.3.1/deadlock.go:116 go-deadlock.(*Mutex).Lock { lock(m.mu.Lock, m) } <<<<<\n"
	text := strings.ReplaceAll(captured(t, "recursive"), " <<<<<", "")
	for _, function := range []string{"check", "add"} {
		first := "main.(*account)." + function + " { a.mu.Lock() }"
		i := strings.LastIndex(text[:strings.Index(text, first)], "\n") + 1
		text = text[:i] + own + text[i:]
	}
	if diff := cmp.Diff([]string{want["recursive"]}, outline(mustRead(t, text).Findings("log"))); diff != "" {
		t.Errorf("findings (-want +got):\n%s\n%s", diff, text)
	}
}

func TestReadTorn(t *testing.T) {
	all := captured(t, "order") + captured(t, "timeout")
	for _, tt := range []struct {
		name, text      string
		whole, unparsed int
	}{
		{"both", all, 2, 0},
		{"cut within the second", all[:strings.Index(all, "Have been trying")], 1, 1},
		{"cut within the first", all[:strings.Index(all, "in another goroutine")], 0, 1},
		{"unknown form", "POTENTIAL DEADLOCK: something new\n", 0, 1},
		{"none", "deadlock potential\nhappened before\n", 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			log := mustRead(t, tt.text)
			if len(log.Warnings) != tt.whole || log.Unparsed != tt.unparsed {
				t.Errorf("%d whole, %d unparsed, want %d, %d", len(log.Warnings), log.Unparsed, tt.whole, tt.unparsed)
			}
		})
	}
}

// FuzzRead holds that every warning that starts is read or counted, and that every
// finding is whole.
func FuzzRead(f *testing.F) {
	for name := range want {
		f.Add(captured(f, name))
	}
	f.Fuzz(func(t *testing.T, text string) {
		log := mustRead(t, text)
		if log.Unparsed+len(log.Warnings) == 0 && strings.HasPrefix(text, mark+"\n") {
			t.Fatal("a warning was lost")
		}
		rep := finding.NewReport(finding.Tool{})
		rep.Findings = log.Findings("fuzz")
		for i := range rep.Findings {
			if f := &rep.Findings[i]; len(f.Goroutines) == 0 || f.Title == "" {
				t.Fatalf("finding %+v", f)
			}
		}
	})
}
