package finding

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// random draws reports with every field in use now and then.
type random struct{ *rand.Rand }

func (r random) text() string {
	words := []string{"", "bank.Move", "<&>", "é\u2028\"", "a\nb", "main.run.func1"}
	return words[r.IntN(len(words))]
}

func (r random) frame() Frame {
	return Frame{Func: r.text(), File: r.text(), Line: r.IntN(3)}
}

func (r random) stack() Stack {
	var s Stack
	for range r.IntN(4) {
		s = append(s, r.frame())
	}
	return s
}

func (r random) measures() []Measure {
	units := []Unit{Nanos, Bytes, Count, Ratio, PerSecond}
	var all []Measure
	for range r.IntN(3) {
		all = append(all, Measure{r.text(), r.NormFloat64() * 1e6, units[r.IntN(len(units))]})
	}
	return all
}

func (r random) finding() Finding {
	catalogue := Rules()
	f := Finding{
		Rule: catalogue[r.IntN(len(catalogue))].ID, Certainty: Certainty(1 + r.IntN(4)), Severity: Severity(1 + r.IntN(3)),
		Title: r.text(), Detail: r.text(), Fix: r.text(), Measures: r.measures(),
		LostNanos: int64(r.IntN(3)), Count: int64(r.IntN(3)),
	}
	if r.IntN(2) == 0 {
		f.Fingerprint = fmt.Sprint(r.IntN(5)) // meets others
		f.First = time.Unix(int64(r.IntN(1000)), int64(r.IntN(1000))).UTC()
		f.Last = f.First.Add(time.Second)
		f.Coffman = &Coffman{MutualExclusion: Condition{true, r.text()}, Breaks: r.text()}
		f.Evidence = []Evidence{{r.text(), r.text()}}
	}
	for range 1 + r.IntN(2) {
		f.Resources = append(f.Resources, Resource{RWMutex, r.text(), r.frame(), r.Uint64()})
	}
	for range r.IntN(3) {
		g := Goroutine{ID: r.Uint64(), Name: r.text(), State: r.text(), Stack: r.stack(), Created: r.frame()}
		g.Holds = append(g.Holds, Hold{r.IntN(len(f.Resources)), Shared, r.stack()})
		if r.IntN(2) == 0 {
			g.Wait = &Wait{r.IntN(len(f.Resources)), Exclusive, r.stack(), r.Int64(), r.IntN(2) == 0}
		}
		f.Goroutines = append(f.Goroutines, g)
		f.Places = append(f.Places, Place{r.text(), r.stack(), r.measures()})
	}
	return f
}

func (r random) report() *Report {
	rep := NewReport(Tool{"concdoctor", r.text()})
	for range r.IntN(8) {
		rep.Findings = append(rep.Findings, r.finding())
	}
	if r.IntN(2) == 0 {
		rep.Suppressed = []Suppressed{{By: r.text(), InSource: true, Finding: r.finding()}}
	}
	rep.Warn(r.text(), "%d of %d lost", 1, 2)
	rep.Inputs = []Input{{Name: r.text(), Kind: "execution trace", Bytes: r.Int64(), Events: 3, Nanos: 4}}
	rep.Summary = Summary{
		Verdict:   r.text(),
		Schedules: []Schedule{{MaxProcs: 2, Concurrency: Level{1.5, 7}, Groups: []Group{{Entry: r.frame(), Verdict: IOBound}}}},
		Profiles:  []Profile{{Kind: "mutex", Hotspots: []Hotspot{{Stack: r.stack(), Share: r.Float64(), Change: "new"}}}},
	}
	return rep
}

func write(t testing.TB, r *Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReportRoundTrips(t *testing.T) {
	r := random{rand.New(rand.NewPCG(1, 1))}
	for range 200 {
		want := r.report()
		got, err := Read(bytes.NewReader(write(t, want)))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("changed by writing and reading (-wrote +read):\n%s", diff)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	base := `{"schema":1,"tool":{"name":"x","version":"y"},"summary":{},"findings":[%s]}`
	entry := `{"rule":"deadlock","certainty":"observed","severity":"error","title":"t","fix":"f","fingerprint":"1","count":1%s}`
	ok := fmt.Sprintf(base, fmt.Sprintf(entry, ""))
	if _, err := Read(strings.NewReader(ok)); err != nil {
		t.Fatalf("the base of this test is refused: %v", err)
	}
	for _, tt := range []struct{ name, in, want string }{
		{"empty", "", "the input is empty"},
		{"no JSON", "go test", "byte 1:"},
		{"cut short", ok[:len(ok)/2], "unexpected EOF"},
		{"other JSON", `{"a":1}`, "no schema version"},
		{"newer schema", strings.Replace(ok, `"schema":1`, `"schema":2`, 1), "schema version 2, this program reads 1"},
		{"unknown certainty", strings.Replace(ok, "observed", "sure", 1), `unknown certainty "sure"`},
		{"unknown severity", strings.Replace(ok, `"error"`, `"fatal"`, 1), `unknown severity "fatal"`},
		{"no certainty", strings.Replace(ok, `"certainty":"observed",`, "", 1), "finding 0 (deadlock): no certainty"},
		{"no severity", strings.Replace(ok, `"severity":"error",`, "", 1), "finding 0 (deadlock): no severity"},
		{"suppressed, no certainty", ok[:len(ok)-1] + `,"suppressed":[{"by":"x","finding":{"rule":"deadlock"}}]}`, "suppressed finding 0 (deadlock): no certainty"},
		{"hold of no resource", fmt.Sprintf(base, fmt.Sprintf(entry, `,"goroutines":[{"holds":[{"resource":0,"mode":"shared"}]}]`)), "resource 0 of 0"},
		{"wait for no resource", fmt.Sprintf(base, fmt.Sprintf(entry, `,"resources":[{"kind":"mutex"}],"goroutines":[{"wait":{"resource":-1,"mode":"shared"}}]`)), "resource -1 of 1"},
	} {
		_, err := Read(strings.NewReader(tt.in))
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "reading report: ") {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestCertaintyNames(t *testing.T) {
	if got := Certainty(9).String(); got != "certainty(9)" {
		t.Errorf("got %q", got)
	}
	if _, err := Certainty(0).MarshalText(); err == nil {
		t.Error("the zero certainty encodes")
	}
	if !(Suspected < Potential && Potential < Proven && Proven < Observed && Info < Warning && Warning < Error) {
		t.Error("certainties or severities are out of order")
	}
}

func TestCompareIsATotalOrder(t *testing.T) {
	r := random{rand.New(rand.NewPCG(2, 2))}
	all := make([]Finding, 40)
	for i := range all {
		all[i] = r.finding()
	}
	for _, a := range all {
		for _, b := range all {
			if Compare(a, b) != -Compare(b, a) {
				t.Fatalf("not antisymmetric: %v, %v", a, b)
			}
			for _, c := range all {
				if Compare(a, b) <= 0 && Compare(b, c) <= 0 && Compare(a, c) > 0 {
					t.Fatalf("not transitive: %v, %v, %v", a, b, c)
				}
			}
		}
	}
	sorted := []Finding{
		{Severity: Error, Certainty: Observed, LostNanos: 1},
		{Severity: Error, Certainty: Potential, LostNanos: 9},
		{Severity: Warning, Certainty: Observed, LostNanos: 9, Rule: "b"},
		{Severity: Warning, Certainty: Observed, LostNanos: 5, Rule: "a", Fingerprint: "2"},
		{Severity: Warning, Certainty: Observed, LostNanos: 5, Rule: "b", Fingerprint: "1"},
		{Severity: Warning, Certainty: Observed, LostNanos: 5, Rule: "b", Fingerprint: "2"},
	}
	shuffled := slices.Clone(sorted)
	r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	slices.SortFunc(shuffled, Compare)
	if diff := cmp.Diff(sorted, shuffled); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestNormalizeIsIdempotent(t *testing.T) {
	r := random{rand.New(rand.NewPCG(3, 3))}
	merged := 0
	for range 100 {
		rep := r.report()
		before := len(rep.Findings)
		rep.Normalize()
		merged += before - len(rep.Findings)
		once := write(t, rep)
		rep.Normalize()
		if diff := cmp.Diff(string(once), string(write(t, rep))); diff != "" {
			t.Fatalf("changed by a second Normalize:\n%s", diff)
		}
		if !slices.IsSortedFunc(rep.Findings, Compare) {
			t.Fatal("not in order")
		}
	}
	if merged == 0 {
		t.Error("nothing was merged: the test tells nothing")
	}
}

func TestNormalizeMergesSightings(t *testing.T) {
	early, late := time.Unix(100, 0).UTC(), time.Unix(200, 0).UTC()
	rep := NewReport(Tool{})
	rep.Findings = []Finding{
		{Rule: "deadlock", Fingerprint: "x", Certainty: Potential, Severity: Error, Title: "could", Count: 2, LostNanos: 5, First: late, Last: late, Evidence: []Evidence{{Source: "a"}}},
		{Rule: "deadlock", Fingerprint: "x", Certainty: Observed, Severity: Warning, Title: "did", LostNanos: 7, First: early, Last: early, Evidence: []Evidence{{Source: "b"}}},
	}
	rep.Normalize()
	want := []Finding{{
		Rule: "deadlock", Fingerprint: "x", Certainty: Observed, Severity: Error, Title: "did",
		Count: 3, LostNanos: 12, First: early, Last: late, Evidence: []Evidence{{Source: "b"}, {Source: "a"}},
	}}
	if diff := cmp.Diff(want, rep.Findings); diff != "" {
		t.Errorf("merged (-want +got):\n%s", diff)
	}
	rep.Suppressed = []Suppressed{{By: "deadlock", Finding: Finding{Rule: "deadlock", Severity: Error}}}
	rep.Normalize()
	if f := rep.Suppressed[0].Finding; f.Fingerprint == "" || f.Count != 1 {
		t.Errorf("the suppressed finding has the fingerprint %q and count %d", f.Fingerprint, f.Count)
	}
	if got := rep.CountAtOrAbove(Error); got != 1 {
		t.Errorf("%d errors, want 1", got)
	}
	if got := rep.CountAtOrAbove(Info); got != 1 {
		t.Errorf("%d findings, want 1", got)
	}
}

// FuzzRead: whatever Read accepts can be normalised, printed, written and read again.
func FuzzRead(f *testing.F) {
	r := random{rand.New(rand.NewPCG(4, 4))}
	for range 3 {
		f.Add(write(f, r.report()))
	}
	f.Add([]byte(`{"schema":1,"findings":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		rep, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		again, err := Read(bytes.NewReader(write(t, rep)))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rep, again, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("changed by writing and reading:\n%s", diff)
		}
		rep.Normalize()
		for i := range rep.Findings {
			var b strings.Builder
			if err := (Printer{}).Print(&b, &rep.Findings[i]); err != nil || b.Len() == 0 {
				t.Fatalf("printing finding %d: %v", i, err)
			}
		}
	})
}
