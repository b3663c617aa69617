package demo

import (
	"strings"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// sighting is a finding of the coarse-lock demo's kind, changed by edit.
func sighting(edit func(*Sighting)) Sighting {
	s := Sighting{By: ByTrace, Finding: finding.Finding{
		Rule: "coarse-section", Certainty: finding.Observed, Severity: finding.Warning, Title: "one lock",
		Places: []finding.Place{{Role: "holds it", Stack: finding.Stack{
			{Func: "sync.(*Mutex).Lock", File: "/go/src/sync/mutex.go", Line: 46},
			{Func: "example.com/shop.(*Cart).Add", File: "/shop/cart.go", Line: 12},
			{Func: "main.main", File: "/main.go", Line: 3},
		}}},
	}}
	edit(&s)
	return s
}

func TestExpectationMatchesExactly(t *testing.T) {
	want := Expectation{Rule: "coarse-section", Certainty: finding.Observed, By: ByTrace, Where: "shop.(*Cart).Add", Resources: 1}
	one := []finding.Resource{{Kind: finding.Mutex}}
	for name, test := range map[string]struct {
		edit func(*Sighting)
		want bool
	}{
		"as declared":    {func(s *Sighting) { s.Finding.Resources = one }, true},
		"another rule":   {func(s *Sighting) { s.Finding.Resources = one; s.Finding.Rule = "contention" }, false},
		"less certain":   {func(s *Sighting) { s.Finding.Resources = one; s.Finding.Certainty = finding.Suspected }, false},
		"by other means": {func(s *Sighting) { s.Finding.Resources = one; s.By = ByMutexProfile }, false},
		"another function": {func(s *Sighting) {
			s.Finding.Resources = one
			s.Finding.Places[0].Stack[1].Func = "example.com/shop.Pay"
		}, false},
		"another count": {func(s *Sighting) { s.Finding.Resources = append(one, one...) }, false},
		"only in a caller": {func(s *Sighting) {
			s.Finding.Resources = one
			s.Finding.Places[0].Stack[1] = s.Finding.Places[0].Stack[2]
		}, false},
		"held there":        {func(s *Sighting) { s.Finding.Resources = one; s.moveToHold() }, true},
		"waited for there":  {func(s *Sighting) { s.Finding.Resources = one; s.moveToWait() }, true},
		"blocked there":     {func(s *Sighting) { s.Finding.Resources = one; s.moveToStack() }, true},
		"nothing but words": {func(s *Sighting) { s.Finding.Resources = one; s.Finding.Places = nil }, false},
	} {
		if got := want.matches(sighting(test.edit)); got != test.want {
			t.Errorf("%s: matches = %t, want %t", name, got, test.want)
		}
	}
}

func (s *Sighting) takePlace() finding.Stack {
	stack := s.Finding.Places[0].Stack
	s.Finding.Places = nil
	return stack
}

func (s *Sighting) moveToHold() {
	s.Finding.Goroutines = []finding.Goroutine{{Holds: []finding.Hold{{Stack: s.takePlace()}}}}
}

func (s *Sighting) moveToWait() {
	s.Finding.Goroutines = []finding.Goroutine{{Wait: &finding.Wait{Stack: s.takePlace()}}}
}

func (s *Sighting) moveToStack() {
	s.Finding.Goroutines = []finding.Goroutine{{Stack: s.takePlace()}}
}

func TestRowProblems(t *testing.T) {
	found := sighting(func(*Sighting) {})
	info := sighting(func(s *Sighting) { s.Finding.Severity = finding.Info })
	for name, test := range map[string]struct {
		hangs  bool
		sick   Run
		twin   Run
		want   []string
		silent bool
	}{
		"all well": {sick: Run{Ended: true, Sightings: []Sighting{found}}, twin: Run{Ended: true}, silent: true},
		"a remark about the twin": {
			sick: Run{Ended: true, Sightings: []Sighting{found}}, twin: Run{Ended: true, Sightings: []Sighting{info}}, silent: true,
		},
		"nothing detected": {
			sick: Run{Ended: true, Sightings: []Sighting{info}}, twin: Run{Ended: true}, silent: true,
			want: []string{"coarse-section (observed) in shop.Pay was not detected by trace"},
		},
		"a loud twin": {
			sick: Run{Ended: true, Sightings: []Sighting{found}}, twin: Run{Ended: true, Sightings: []Sighting{found}},
			want: []string{"twin t is not silent: coarse-section (observed): one lock, by trace"},
		},
		"a twin that hangs": {
			sick: Run{Ended: true, Sightings: []Sighting{found}}, twin: Run{Wall: time.Second},
			want: []string{"twin t did not end by itself within 1 s"},
		},
		"a disease that crashes": {
			sick: Run{Sightings: []Sighting{found}, Wall: time.Second, Stderr: "panic: no\n"}, twin: Run{Ended: true}, silent: true,
			want: []string{"the disease did not end by itself within 1 s; it wrote:\npanic: no"},
		},
		"a hang": {hangs: true, sick: Run{Sightings: []Sighting{found}}, twin: Run{Ended: true}, silent: true},
		"a hang that ends": {
			hangs: true, sick: Run{Ended: true, Sightings: []Sighting{found}}, twin: Run{Ended: true}, silent: true,
			want: []string{"the disease ended by itself and should have hung"},
		},
	} {
		d := &Demo{Hangs: test.hangs, Twins: []Twin{{Name: "t"}}, Expect: Expectation{
			Rule: "coarse-section", Certainty: finding.Observed, By: ByTrace, Where: "shop.(*Cart).Add",
		}}
		if name == "nothing detected" {
			d.Expect.Where = "shop.Pay"
		}
		test.twin.Variant = "t"
		test.sick.Demo, test.twin.Demo = d, d
		row := Row{Demo: d, Sick: &test.sick, Twins: []*Run{&test.twin}}
		if got := strings.Join(row.Problems(), "\n"); got != strings.Join(test.want, "\n") {
			t.Errorf("%s: problems %q, want %q", name, got, test.want)
		}
		if got := row.Silent(); got != test.silent {
			t.Errorf("%s: silent = %t, want %t", name, got, test.silent)
		}
	}
}

func TestSymptom(t *testing.T) {
	lost := func(n int) *Run {
		return &Run{Ended: true, Measures: []finding.Measure{finding.Number("lost", n)}}
	}
	for _, test := range []struct {
		sick, twin *Run
		problems   int
	}{
		{lost(3), lost(0), 0},
		{lost(0), lost(0), 1},
		{lost(3), lost(1), 1},
		{&Run{Ended: true}, lost(0), 1},
	} {
		d := &Demo{Symptom: "lost", Twins: []Twin{{}}}
		test.sick.Sightings = []Sighting{sighting(func(*Sighting) {})}
		test.sick.Demo, test.twin.Demo = d, d
		d.Expect = Expectation{Rule: "coarse-section", Certainty: finding.Observed, By: ByTrace, Where: "shop.(*Cart).Add"}
		row := Row{Demo: d, Sick: test.sick, Twins: []*Run{test.twin}}
		if got := row.Problems(); len(got) != test.problems {
			t.Errorf("%+v, %+v: problems %q, want %d", test.sick.Measures, test.twin.Measures, got, test.problems)
		}
	}
}

func TestSilentNeedsEveryTwin(t *testing.T) {
	d := &Demo{Twins: []Twin{{Name: "a"}, {Name: "b"}}}
	if (Row{Demo: d, Twins: []*Run{{Demo: d, Variant: "a", Ended: true}}}).Silent() {
		t.Error("a twin that was not run counts as silent")
	}
}

func TestInstantTwinIsSparedContentionOnly(t *testing.T) {
	contention := sighting(func(*Sighting) {})
	deadlock := sighting(func(s *Sighting) { s.Finding.Rule = "lock-cycle"; s.Finding.Severity = finding.Error })
	for instant, want := range map[bool]int{true: 1, false: 2} {
		run := &Run{Demo: &Demo{Instant: instant}, Sightings: []Sighting{contention, deadlock}}
		if got := len(run.Loud()); got != want {
			t.Errorf("instant %t: %d findings count, want %d", instant, got, want)
		}
	}
}
