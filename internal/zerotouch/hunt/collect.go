package hunt

import (
	"errors"
	"fmt"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer"
)

// Summary is what the hunts of one command come to.
type Summary struct {
	// Programs is in how many programs something was hunted; Runs, Failed, Hung and Found
	// add up over them.
	Programs, Runs, Failed, Hung, Found int
	// HungIn are the tests that were running in the runs that hung, each once.
	HungIn []string
}

// shownTests bounds the tests that a summary names.
const shownTests = 3

// String is the summary in words: "30 runs of 2 programs, 1 failed, 2 findings".
func (s Summary) String() string {
	text := fmt.Sprintf("%s of %s", finding.Plural(s.Runs, "run"), finding.Plural(s.Programs, "program"))
	if s.Failed > 0 {
		text += fmt.Sprintf(", %d failed", s.Failed)
	}
	if s.Hung > 0 {
		text += fmt.Sprintf(", %d hung", s.Hung)
		switch n := len(s.HungIn); {
		case n > shownTests:
			text += fmt.Sprintf(" in %s and %d more tests", strings.Join(s.HungIn[:shownTests-1], ", "), n-shownTests+1)
		case n > 0:
			text += " in " + finding.Join(s.HungIn)
		}
	}
	return text + ", " + finding.Plural(s.Found, "finding")
}

// Collect sums the hunts that use the directory up and makes one report of theirs,
// which is empty where no run has ended. The error joins what could not be read, and
// names programs whose hunt was interrupted.
func Collect(dir string, tool finding.Tool) (*finding.Report, Summary, error) {
	results, err := Results(dir)
	rep := finding.NewReport(tool)
	var sum Summary
	for _, r := range results {
		sum.Programs++
		sum.Runs += r.Runs
		sum.Failed += r.Failed
		sum.Hung += r.Hung
		sum.HungIn = append(sum.HungIn, r.HungIn...)
		sum.Found += r.Found
		if !r.Done {
			err = errors.Join(err, fmt.Errorf("the hunt in %s was interrupted after %s", r.Program, finding.Plural(r.Runs, "run")))
		}
		if r.Report != nil {
			rep.Add(r.Report)
		}
	}
	rep.Normalize()
	rep.Summary.Verdict = analyzer.Verdict(rep)
	return rep, sum, err
}
