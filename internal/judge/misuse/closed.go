package misuse

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Outcome says what became of a panic.
type Outcome uint8

const (
	// Panics: it is under way, or ended the program, or it is not known.
	Panics Outcome = iota
	// Recovered: the program went on to its end.
	Recovered
	// Passed: it was recovered in a test that has passed.
	Passed
)

// soften says of a panic that it ended nothing.
func (o Outcome) soften(f *finding.Finding) {
	switch o {
	case Passed:
		f.Severity = finding.Info
		f.Detail += " The panic was recovered, and the test has passed."
	case Recovered:
		f.Severity = finding.Warning
		f.Detail += " The panic was recovered, and the program went on."
	}
}

// ClosedUse is a channel that is used after it was closed.
type ClosedUse struct {
	Rule    finding.RuleID // send-on-closed or double-close
	Channel finding.Resource
	// Now panics, and Earlier has closed the channel.
	Now, Earlier finding.Goroutine
	Outcome      Outcome
}

// closedWords are the words by rule.
var closedWords = map[finding.RuleID]struct{ does, title string }{
	finding.RuleSendOnClosed: {
		"sends", "%s sends on a channel that %s has closed",
	},
	finding.RuleDoubleClose: {
		"closes it again", "%s closes a channel that %s has closed already",
	},
}

// Finding returns the diagnosis.
func (u ClosedUse) Finding() finding.Finding {
	words := closedWords[u.Rule]
	u.Now.State, u.Earlier.State = words.does, "closed it"
	f := finding.Finding{
		Rule: u.Rule, Certainty: finding.Observed, Severity: finding.Error,
		Title:      fmt.Sprintf(words.title, u.Now.Stack.User(), u.Earlier.Stack.User()),
		Resources:  []finding.Resource{u.Channel},
		Goroutines: []finding.Goroutine{u.Now, u.Earlier},
		Detail:     "Go panics at the second operation.",
		Fix:        u.Rule.Fix(),
	}
	u.Outcome.soften(&f)
	return f
}

// NilChannel returns the diagnosis of a goroutine that waits for a nil channel. One that is
// only suspected may be meant to wait for ever, which is no more than a remark.
func NilChannel(g finding.Goroutine, channels []finding.Resource, c finding.Certainty) finding.Finding {
	does := map[finding.Mode]string{
		finding.Send: "sends on a nil channel", finding.Receive: "receives from a nil channel", finding.Select: "selects among nil channels",
	}[g.Wait.Mode]
	f := finding.Finding{
		Rule: finding.RuleNilChannel, Certainty: c, Severity: finding.Error,
		Title:      fmt.Sprintf("%s %s, which blocks forever", g.Wait.Stack.User(), does),
		Resources:  channels,
		Goroutines: []finding.Goroutine{g},
		Fix:        finding.RuleNilChannel.Fix(),
	}
	if c == finding.Suspected {
		f.Severity = finding.Info
		f.Detail = "No other goroutine is known to wait for this one, so it may be meant: the Done of a context that is never cancelled is such a channel."
	}
	return f
}
