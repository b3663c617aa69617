package misuse

import (
	"fmt"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
)

func at(function string) finding.Stack {
	return finding.Stack{{Func: "bank." + function, File: "/w/bank/bank.go", Line: len(function)}}
}

// TestSay holds the words of each misuse, and how bad it is by what became of it.
func TestSay(t *testing.T) {
	channel, group := finding.Resource{Kind: finding.Channel}, finding.Resource{Kind: finding.WaitGroup}
	mutex, rw := finding.Resource{Kind: finding.Mutex}, finding.Resource{Kind: finding.RWMutex}
	closed := func(rule finding.RuleID, o Outcome) finding.Finding {
		return ClosedUse{rule, channel, finding.Goroutine{ID: 2, Stack: at("use")}, finding.Goroutine{ID: 1, Stack: at("finish")}, o}.Finding()
	}
	nilChannel := func(m finding.Mode, c finding.Certainty) finding.Finding {
		return NilChannel(finding.Goroutine{Wait: &finding.Wait{Mode: m, Stack: at("use")}}, []finding.Resource{channel}, c)
	}
	g := Group{Resource: group, At: at("done"), Other: at("opened")}
	for want, f := range map[string]finding.Finding{
		"error send-on-closed (observed): bank.use bank.go:3 sends on a channel that bank.finish bank.go:6 has closed":                                     closed(finding.RuleSendOnClosed, Panics),
		"warning double-close (observed): bank.use bank.go:3 closes a channel that bank.finish bank.go:6 has closed already":                               closed(finding.RuleDoubleClose, Recovered),
		"info send-on-closed (observed): bank.use bank.go:3 sends on a channel that bank.finish bank.go:6 has closed":                                      closed(finding.RuleSendOnClosed, Passed),
		"error nil-channel (potential): bank.use bank.go:3 sends on a nil channel, which blocks forever":                                                   nilChannel(finding.Send, finding.Potential),
		"info nil-channel (suspected): bank.use bank.go:3 receives from a nil channel, which blocks forever":                                               nilChannel(finding.Receive, finding.Suspected),
		"error nil-channel (observed): bank.use bank.go:3 selects among nil channels, which blocks forever":                                                nilChannel(finding.Select, finding.Observed),
		"error waitgroup-misuse (observed): bank.done bank.go:4 takes more from the counter of a wait group than was added":                                g.Negative(),
		"error waitgroup-misuse (observed): bank.done bank.go:4 counts a wait group up from zero while the Wait at bank.opened bank.go:6 has not returned": g.Reused(),
		"error waitgroup-misuse (observed): bank.opened bank.go:6 counts a wait group up again before the Wait at bank.done bank.go:4 has returned":        g.Overtaken(),
		"info foreign-unlock (observed): bank.use bank.go:3 unlocks a mutex that the goroutine does not hold":                                              ForeignUnlock{Lock: mutex, Mode: finding.Exclusive, At: at("use")}.Finding(),
		"info foreign-unlock (observed): bank.use bank.go:3 read-unlocks an RWMutex that the goroutine does not hold":                                      ForeignUnlock{Lock: rw, Mode: finding.Shared, At: at("use")}.Finding(),
		"error lock-copied (observed): bank.use bank.go:3 uses the copy of a locked mutex":                                                                 CopyUse{Copy: mutex, Original: mutex, At: at("use")}.Finding(),
	} {
		if got := fmt.Sprintf("%s %s", f.Severity, f.Headline()); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if f.Fix == "" || len(f.Resources) == 0 {
			t.Errorf("%s: fix %q, resources %v", want, f.Fix, f.Resources)
		}
	}
}

func TestRoles(t *testing.T) {
	g := Group{At: at("done")}
	if f := g.Negative(); len(f.Places) != 1 {
		t.Errorf("%d places of what is not known", len(f.Places))
	}
	f := ClosedUse{Rule: finding.RuleDoubleClose, Outcome: Passed}.Finding()
	if f.Goroutines[0].State != "closes it again" || f.Goroutines[1].State != "closed it" || !strings.HasSuffix(f.Detail, "the test has passed.") {
		t.Errorf("states %q, %q; detail %q", f.Goroutines[0].State, f.Goroutines[1].State, f.Detail)
	}
}
