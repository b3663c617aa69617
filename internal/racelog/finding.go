package racelog

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Findings turns the reports of the log of that name into findings, one for each
// unordered pair of user functions; the first report of a pair is shown.
func (l *Log) Findings(name string) []finding.Finding {
	at := make(map[string]int)
	var found []finding.Finding
	for i := range l.Reports {
		f := l.Reports[i].finding(name)
		f.Fingerprint = f.ComputeFingerprint()
		if j, seen := at[f.Fingerprint]; seen {
			found[j].Count++
			continue
		}
		at[f.Fingerprint] = len(found)
		found = append(found, f)
	}
	for i := range found {
		if n := found[i].Count; n > 1 {
			found[i].Evidence[0].Text += fmt.Sprintf(", %d reports of this pair in total", n)
		}
	}
	return found
}

func (r *Report) finding(name string) finding.Finding {
	late, early := r.Accesses[0], r.Accesses[1]
	f := finding.Finding{
		Rule:      finding.RuleDataRace,
		Certainty: finding.Observed,
		Severity:  finding.Error,
		Title: fmt.Sprintf("%s %s what %s %s, without synchronization",
			late.place(), late.verb("writes", "reads"), early.place(), early.verb("wrote", "read")),
		Resources:  []finding.Resource{{Kind: finding.Variable, Name: r.Variable, Address: late.Address}},
		Goroutines: []finding.Goroutine{late.goroutine("writes", "reads"), early.goroutine("wrote", "read")},
		Evidence:   []finding.Evidence{{Source: name, Text: fmt.Sprintf("race detector, line %d", r.Line)}},
		Count:      1,
		Fix:        finding.RuleDataRace.Fix(),
	}
	// The order in which the two met is luck; a report must not depend on it.
	slices.SortStableFunc(f.Goroutines, func(a, b finding.Goroutine) int {
		x, y := a.Stack.User(), b.Stack.User()
		return cmp.Or(cmp.Compare(x.Func, y.Func), cmp.Compare(x.Line, y.Line))
	})
	return f
}

func (a *Access) verb(write, read string) string {
	if a.Write {
		return write
	}
	return read
}

// place names the user's line, or says that it is lost.
func (a *Access) place() string {
	if len(a.Stack) == 0 {
		return "an access whose stack the detector lost"
	}
	return a.Stack.User().String()
}

func (a *Access) goroutine(write, read string) finding.Goroutine {
	g := finding.Goroutine{ID: a.Goroutine, State: a.verb(write, read), Stack: a.Stack, Created: a.Created.Site()}
	if a.Atomic {
		g.State += " atomically"
	}
	if a.Goroutine == mainID {
		g.Name = "main"
	}
	return g
}
