package main

import (
	"slices"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
)

func TestReadShapes(t *testing.T) {
	all, err := readShapes()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 45 {
		t.Errorf("%d shapes, want 45 at least", len(all))
	}
	i := slices.IndexFunc(all, func(s shape) bool { return s.name == "WaitUnderLock" })
	if i < 0 {
		t.Fatal("WaitUnderLock is missing")
	}
	s := all[i]
	var roles []string
	for _, m := range s.marks {
		roles = append(roles, m.role+" "+m.kind+" "+m.name)
	}
	if want := []string{"waits lock mu", "holds lock mu", "waits group wg"}; !slices.Equal(roles, want) {
		t.Errorf("marks %q, want %q", roles, want)
	}
	if !slices.Equal(s.rules, []finding.RuleID{finding.RuleDeadlock}) || s.least != finding.Potential || s.ends || !s.asleep {
		t.Errorf("read %+v", s)
	}
}

// pair is a shape of two lines.
var pair = shape{
	name: "Pair", file: "pair.go", rules: []finding.RuleID{finding.RuleDeadlock}, least: finding.Potential, asleep: true,
	marks: []mark{{10, "holds", "lock", "mu"}, {11, "waits", "chan", "c/news"}, {20, "waits", "lock", "mu"}, {30, "victim", "group", "wg"}},
}

// at is the stack of a goroutine at a line of it.
func at(line int) finding.Stack {
	return finding.Stack{{Func: "hangs/shapes.Pair", File: "/tmp/shapes/pair.go", Line: line}}
}

// deadlock is all that there is to say.
func deadlock(c finding.Certainty) finding.Finding {
	return finding.Finding{
		Rule: finding.RuleDeadlock, Certainty: c, Severity: finding.Error,
		Resources: []finding.Resource{{Kind: finding.Channel, Name: "(*hub).news[]"}, {Kind: finding.Mutex, Name: "(*hub).mu"}},
		Goroutines: []finding.Goroutine{
			{Wait: &finding.Wait{Resource: 0, Stack: at(11)}, Holds: []finding.Hold{{Resource: 1, Stack: at(10)}}},
			{Wait: &finding.Wait{Resource: 1, Stack: at(20)}},
		},
	}
}

func TestJudge(t *testing.T) {
	half, nameless, leak := deadlock(finding.Proven), deadlock(finding.Proven), deadlock(finding.Suspected)
	half.Goroutines = half.Goroutines[1:]
	nameless.Resources = []finding.Resource{{Kind: finding.Channel}, {Kind: finding.Mutex}}
	leak.Rule = finding.RuleGoroutineLeak
	blocked := []finding.BlockedProcess{{Groups: []finding.BlockedGroup{{Stack: at(11)}, {Stack: at(20)}}}}
	live := "concdoctor: hangs: error deadlock (potential)\n"
	for _, c := range []struct {
		want     string
		form     form
		healthy  bool
		findings []finding.Finding
		blocked  []finding.BlockedProcess
		text     string
	}{
		{want: "✓ deadlock, potential", findings: []finding.Finding{deadlock(finding.Potential)}},
		{want: "✓ deadlock, suspected", form: form{sees: stacks}, findings: []finding.Finding{deadlock(finding.Suspected)}},
		{want: "✓ deadlock, observed", form: form{asleep: true}, findings: []finding.Finding{leak, deadlock(finding.Observed)}},
		{want: "weaker: deadlock, proven (certainty)", form: form{asleep: true}, findings: []finding.Finding{deadlock(finding.Proven)}},
		{want: "weaker: deadlock, proven (lines 1/3)", findings: []finding.Finding{half}},
		{want: "weaker: deadlock, proven (names 0/3)", findings: []finding.Finding{nameless}},
		{want: "weaker: goroutine-leak, suspected (rule, certainty)", findings: []finding.Finding{leak}},
		{want: "facts, though said live", blocked: blocked, text: live},
		{want: "facts", blocked: blocked},
		{want: "✓ facts", form: form{sees: places}, blocked: blocked},
		{want: "missed", blocked: []finding.BlockedProcess{{Groups: blocked[0].Groups[1:]}}},
		{want: "missed; other: stuck observed", findings: []finding.Finding{{Rule: finding.RuleStuck, Certainty: finding.Observed, Severity: finding.Error}}},
		{want: "silent", healthy: true, findings: []finding.Finding{deadlock(finding.Suspected)}},
		{want: "FALSE deadlock, potential", healthy: true, findings: []finding.Finding{deadlock(finding.Potential)}},
		{want: "FALSE live line", healthy: true, text: live},
		{want: "weaker: goroutine-leak, suspected (rule, certainty), endless", form: form{name: "hunt"}, findings: []finding.Finding{leak}},
		{want: "✓ deadlock, suspected", form: form{sees: packageSync}, findings: []finding.Finding{deadlock(finding.Suspected)}},
	} {
		s := pair
		trial := trial{shape: &s, healthy: c.healthy, findings: c.findings, blocked: c.blocked, text: c.text}
		v := trial.judge(&c.form)
		if got := v.String(); got != c.want {
			t.Errorf("judged %q, want %q", got, c.want)
		}
	}
}
