package racelog

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge/race"
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
	f := race.Race{
		Variable: finding.Resource{Kind: finding.Variable, Name: r.Variable, Address: r.Accesses[0].Address},
		Later:    r.Accesses[0].fact(), Earlier: r.Accesses[1].fact(),
	}.Finding()
	f.Evidence = []finding.Evidence{{Source: name, Text: fmt.Sprintf("race detector, line %d", r.Line)}}
	return f
}

// fact is the access as the court takes it.
func (a *Access) fact() race.Access {
	g := finding.Goroutine{ID: a.Goroutine, Stack: a.Stack, Created: a.Created.Site()}
	if a.Goroutine == mainID {
		g.Name = "main"
	}
	return race.Access{Goroutine: g, Write: a.Write, Atomic: a.Atomic}
}
