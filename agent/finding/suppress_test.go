package finding

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSuppressions(t *testing.T) {
	f := full()
	f.Fingerprint = ""
	print := f.ComputeFingerprint()
	for _, tt := range []struct {
		pattern string
		want    bool
	}{
		{"lock-cycle", true},
		{"lock-cycle:(*Account).Move", true},
		{"lock-cycle:bank.Audit", true},
		{"lock-cycle:pool.run", true},
		{"*:bank.Audit", true},
		{print, true},
		{"lock-cycle:main.main", false}, // a caller, not a site
		{"lock-cycle:shop", false},
		{"*:shop", false},
		{"deadlock", false},
		{"deadlock:bank.Audit", false},
		{"0123456789abcdef", false},
	} {
		s, err := ParseSuppression(tt.pattern + " for a reason")
		if err != nil || s.Reason != "for a reason" || s.Pattern() != tt.pattern {
			t.Errorf("%q: %+v, %v", tt.pattern, s, err)
		}
		if got := s.Matches(&f); got != tt.want {
			t.Errorf("%q suppresses: %v", tt.pattern, got)
		}
	}
	if (Suppression{}).Matches(&f) {
		t.Error("suppressed by nothing")
	}
	f.Places = append(f.Places, Place{Stack: Stack{{Func: "github.com/dgraph-io/badger/v4.(*oracle).readTs"}}})
	for _, name := range []string{"badger.(*oracle).readTs", "badger/v4."} {
		if _, ok := f.SuppressedBy([]Suppression{{Rule: "deadlock"}, {Rule: f.Rule, Func: name}}); !ok {
			t.Errorf("%q, as a report shows or as Go has it, does not suppress", name)
		}
	}
	if s, ok := f.SuppressedBy(nil); ok {
		t.Errorf("suppressed by %+v of none", s)
	}
}

func TestParseSuppressionRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                 `no rule ""`,
		"lock-cicle":       `no rule "lock-cicle"`,
		"lock-cycle:":      "no function after the colon",
		"*":                "no function after the colon",
		"*:":               "no function after the colon",
		"0123456789abcdeg": `no rule "0123456789abcdeg"`,
		"0123":             `no rule "0123"`,
	} {
		if s, err := ParseSuppression(text); err == nil || !strings.Contains(err.Error(), want) || s != (Suppression{}) {
			t.Errorf("%q: %+v, %v", text, s, err)
		}
	}
}

func TestReadSuppressions(t *testing.T) {
	const text = `# what we live with

lock-cycle:bank.Move	callers sort the accounts
  *:example.com/legacy/   not ours
lock-cicle
0123456789abcdef
`
	got, err := ReadSuppressions("known.txt", strings.NewReader(text))
	if err == nil || !strings.HasPrefix(err.Error(), `known.txt:5: suppressing "lock-cicle"`) {
		t.Errorf("error %v", err)
	}
	want := []Suppression{
		{Rule: "lock-cycle", Func: "bank.Move", Reason: "callers sort the accounts", Where: "known.txt:3"},
		{Rule: "*", Func: "example.com/legacy/", Reason: "not ours", Where: "known.txt:4"},
		{Fingerprint: "0123456789abcdef", Where: "known.txt:6"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("suppressions (-want +got):\n%s", diff)
	}
	if _, err := ReadSuppressions("torn", iotest.ErrReader(errors.New("gone"))); err == nil || err.Error() != "reading suppressions: torn: gone" {
		t.Errorf("error %v", err)
	}
}

// TestReadSuppressionsOfSomethingElse: a file that is none of patterns gives a short error.
func TestReadSuppressionsOfSomethingElse(t *testing.T) {
	for name, tt := range map[string]struct {
		text  string
		lines int
		want  string
	}{
		"a trace":       {"go 1.26 trace\x00\x00\x00" + strings.Repeat("\x01\n\xff\n", 1e5), 1, "file:1: this is binary data"},
		"a log":         {"data-race known\n" + strings.Repeat("some other text\n", 1e5), 4, "file: 99,997 more lines cannot be read either"},
		"one long line": {strings.Repeat("x", 1<<20), 1, "token too long"},
		"a long word":   {strings.Repeat("é", 1000), 1, `…": no rule "é`},
		"endless":       {strings.Repeat("data-race known\n", 3e5), 1, "larger than 4 MB"},
	} {
		_, err := ReadSuppressions("file", strings.NewReader(tt.text))
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Count(err.Error(), "\n")+1 != tt.lines || len(err.Error()) > 600 {
			t.Errorf("%s: %.700v", name, err)
		}
	}
}

func TestBaselineReadsBack(t *testing.T) {
	f, g := full(), full()
	f.Title += "\nin two lines"
	g.Fingerprint, g.Rule = "", "deadlock"
	var text strings.Builder
	date := time.Date(2026, 11, 24, 23, 0, 0, 0, time.UTC)
	if err := WriteBaseline(&text, date, f, g); err != nil {
		t.Fatal(err)
	}
	known, err := ReadSuppressions("baseline", strings.NewReader(text.String()))
	if err != nil || len(known) != 2 || !strings.HasPrefix(known[1].Reason, "known since 2026-11-24: deadlock (") {
		t.Fatalf("%v, %+v from\n%s", err, known, &text)
	}
	for i, f := range []*Finding{&f, &g} {
		if s, ok := f.SuppressedBy(known); !ok || s != known[i] {
			t.Errorf("finding %d: by %+v, %v", i, s, ok)
		}
	}
	h := full()
	h.Rule = "self-deadlock"
	h.Fingerprint = ""
	if s, ok := h.SuppressedBy(known); ok {
		t.Errorf("another rule is known by %+v", s)
	}
}

const directiveSource = `package bank

func move(a, b *account) {
	a.mu.Lock()
	b.mu.Lock() //concdoctor:ignore lock-cycle,deadlock accounts are   sorted
	//concdoctor:ignore lock-cycle the line below
	c.mu.Lock()
	d.mu.Lock() //concdoctor:ignore lock-cycle
	e.mu.Lock() //concdoctor:ignore
	f.mu.Lock() //concdoctor:ignored lock-cycle not the word
	g.mu.Lock() //concdoctor:ignore lock-cicle misspelt
}`

func TestDirectiveAt(t *testing.T) {
	for line, want := range map[int]Directive{
		3: {}, 4: {}, 10: {}, 12: {}, 99: {},
		5:  {Rules: []RuleID{"lock-cycle", "deadlock"}, Reason: "accounts are sorted", Line: 5},
		6:  {Rules: []RuleID{"lock-cycle"}, Reason: "the line below", Line: 6},
		7:  {Rules: []RuleID{"lock-cycle"}, Reason: "the line below", Line: 6},
		8:  {Rules: []RuleID{"lock-cycle"}, Line: 8},
		9:  {Line: 9},
		11: {Rules: []RuleID{"lock-cicle"}, Reason: "misspelt", Line: 11},
	} {
		got, found, err := DirectiveAt(strings.NewReader(directiveSource), line)
		if diff := cmp.Diff(want, got); diff != "" || err != nil || found != (want.Line > 0) {
			t.Errorf("line %d: %v, %v (-want +got):\n%s", line, found, err, diff)
		}
	}
	if _, found, err := DirectiveAt(iotest.ErrReader(errors.New("gone")), 3); found || err == nil {
		t.Errorf("of a file that cannot be read: %v, %v", found, err)
	}
}

func TestIgnoredBy(t *testing.T) {
	at := func(frame Frame) (Directive, bool) {
		d, found, _ := DirectiveAt(strings.NewReader(directiveSource), frame.Line)
		return d, found
	}
	for _, tt := range []struct {
		name     string
		rule     RuleID
		lines    []int
		reason   string
		evidence string
	}{
		{"at one of the lines", "lock-cycle", []int{4, 5}, "accounts are sorted", ""},
		{"of the second rule", "deadlock", []int{5}, "accounts are sorted", ""},
		{"on the line before", "lock-cycle", []int{7}, "the line below", ""},
		{"of another rule", "self-deadlock", []int{5, 7}, "", ""},
		{"at other lines", "lock-cycle", []int{3, 4, 10}, "", ""},
		{"without a reason", "lock-cycle", []int{8}, "", "it gives no reason"},
		{"without a rule", "lock-cycle", []int{9}, "", "it names no rule"},
		{"of an unknown rule", "lock-cycle", []int{11, 11}, "", `unknown rule "lock-cicle"`},
		{"without a reason, and a good one", "lock-cycle", []int{8, 7}, "the line below", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := Finding{Rule: tt.rule}
			for _, line := range tt.lines {
				f.Places = append(f.Places, Place{Stack: Stack{{Func: "bank.move", File: "/src/bank.go", Line: line}}})
			}
			f.Places = append(f.Places, Place{Stack: Stack{{Func: "bank.noFile"}}})
			s, ignored := f.IgnoredBy(at)
			if ignored != (tt.reason != "") || s.Reason != tt.reason || ignored && !strings.HasPrefix(s.Where, "bank.go:") {
				t.Errorf("ignored %v by %+v", ignored, s)
			}
			says := slices.ContainsFunc(f.Evidence, func(e Evidence) bool { return tt.evidence != "" && strings.Contains(e.Text, tt.evidence) })
			if says != (tt.evidence != "") || len(f.Evidence) > 1 {
				t.Errorf("evidence %v", f.Evidence)
			}
		})
	}
}
