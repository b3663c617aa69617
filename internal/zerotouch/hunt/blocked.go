package hunt

import (
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// sayHung says of processes that the hunt has ended why it did.
func sayHung(all []finding.BlockedProcess) {
	for i := range all {
		if p := &all[i]; p.Ended == "was ended by SIGQUIT" || p.Ended == "was killed" {
			p.Ended = "hung and was ended"
		}
	}
}

// addTests adds the tests that were running in processes, without those that others are
// part of, each once.
func addTests(names []string, all []finding.BlockedProcess) []string {
	for _, p := range all {
		for _, test := range p.Tests {
			isPart := func(other string) bool { return strings.HasPrefix(other, test+"/") }
			if !slices.ContainsFunc(p.Tests, isPart) && !slices.Contains(names, test) {
				names = append(names, test)
			}
		}
	}
	return names
}

// dropKnown leaves out of a run's report the blocked processes like those of earlier runs,
// which say it all, and idle ones: a test has ended a server of its own.
func (t *Tally) dropKnown(rep *finding.Report) {
	rep.Blocked = slices.DeleteFunc(rep.Blocked, func(p finding.BlockedProcess) bool {
		alike := func(o finding.BlockedProcess) bool { return isAlike(&p, &o) }
		return p.IsIdle() || t.report != nil && slices.ContainsFunc(t.report.Blocked, alike)
	})
}

// isAlike reports whether two processes ended in the same way, in the same tests, with
// goroutines blocked at the same places.
func isAlike(a, b *finding.BlockedProcess) bool {
	return a.Program == b.Program && a.Ended == b.Ended && slices.Equal(a.Tests, b.Tests) && slices.Equal(sitesOf(a), sitesOf(b))
}

func sitesOf(p *finding.BlockedProcess) (sites []string) {
	for i := range p.Groups {
		sites = append(sites, p.Groups[i].Stack.Site().String())
	}
	slices.Sort(sites)
	return slices.Compact(sites)
}
