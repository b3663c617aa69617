package analyzer

import (
	"fmt"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/dump"
	"github.com/concdoctor/concdoctor/internal/dump/diagnosis"
	"github.com/concdoctor/concdoctor/internal/load"
	"github.com/concdoctor/concdoctor/internal/lockwarn"
	"github.com/concdoctor/concdoctor/internal/logtext"
	"github.com/concdoctor/concdoctor/internal/profile"
	"github.com/concdoctor/concdoctor/internal/racelog"
)

// reports are what was read out of one log.
type reports struct {
	races *racelog.Log
	locks *lockwarn.Log
	dumps []dump.Dump
}

// readLog looks for every kind of report in one pass. On an error it returns what
// came before.
func readLog(in *load.Input) (reports, error) {
	races, locks, dumps := racelog.NewScanner(), lockwarn.NewScanner(), dump.NewScanner()
	_, err := logtext.Read(in.R, func(l logtext.Line) {
		races.Line(l)
		locks.Line(l)
		dumps.Line(l)
	})
	return reports{races.End(), locks.End(), dumps.End()}, err
}

// log adds what a log says: each kind of report becomes an input of its own.
func (a *analysis) log(in *load.Input) error {
	r, err := readLog(in)
	if err != nil {
		a.rep.Warn(in.Name, "the log could be read up to %v only", err)
	}
	a.races(in, r.races)
	a.lockWarnings(in, r.locks)
	a.dumps(in, r.dumps)
	if err != nil {
		return fmt.Errorf("reading %s: %w", in.Name, err)
	}
	return nil
}

// races adds the reports of the race detector.
func (a *analysis) races(in *load.Input, log *racelog.Log) {
	if len(log.Reports)+log.Unparsed == 0 {
		return
	}
	a.rep.Inputs = append(a.rep.Inputs, finding.Input{
		Name: in.Name, Kind: "race detector log", Bytes: in.Bytes(), Events: int64(len(log.Reports)),
	})
	a.rep.Findings = append(a.rep.Findings, log.Findings(in.Name)...)
	if log.Unparsed == 0 {
		return
	}
	a.rep.Warn(in.Name, "%d of %d race reports are torn or cut off and were left out: %s",
		log.Unparsed, log.Unparsed+len(log.Reports), tornLines(log))
	var kept strings.Builder
	for _, torn := range log.Torn {
		fmt.Fprintf(&kept, "line %d:\n%s", torn.Line, torn.Text)
	}
	a.rep.Warnings[len(a.rep.Warnings)-1].Block = kept.String()
}

// lockWarnings adds what go-deadlock wrote.
func (a *analysis) lockWarnings(in *load.Input, log *lockwarn.Log) {
	if len(log.Warnings)+log.Unparsed == 0 {
		return
	}
	a.rep.Inputs = append(a.rep.Inputs, finding.Input{
		Name: in.Name, Kind: "go-deadlock log", Bytes: in.Bytes(), Events: int64(len(log.Warnings)),
	})
	a.rep.Findings = append(a.rep.Findings, log.Findings(in.Name)...)
	if log.Unparsed > 0 {
		a.rep.Warn(in.Name, "%d of %d warnings of go-deadlock are torn, cut off or of an unknown form and were left out",
			log.Unparsed, log.Unparsed+len(log.Warnings))
	}
}

// tornLines says "those at line 3 and 17".
func tornLines(log *racelog.Log) string {
	var lines []string
	for _, torn := range log.Torn {
		lines = append(lines, fmt.Sprint(torn.Line))
	}
	if len(lines) == 1 {
		return "the one at line " + lines[0]
	}
	if n := log.Unparsed - len(lines); n > 0 {
		lines = append(lines, fmt.Sprintf("%d more", n))
	}
	return "those at lines " + finding.Join(lines)
}

// dumps adds the goroutine dumps. One goroutine alone is no dump to sum up: it is
// the stack of a panic, or one that somebody logged.
func (a *analysis) dumps(in *load.Input, dumps []dump.Dump) {
	var goroutines int64
	for i := range dumps {
		d := diagnosis.New(&dumps[i])
		goroutines += int64(len(d.Goroutines) + d.Dropped)
		p := d.Profile(in.Name)
		base := a.base.of(p)
		a.seen = append(a.seen, p)
		if len(d.Goroutines) > 1 || base != nil {
			summary := summarise(p, base, a.rep)
			summary.Cause = cause(d)
			a.rep.Summary.Profiles = append(a.rep.Summary.Profiles, summary)
		}
		if d.Dropped > 0 {
			a.rep.Warn(in.Name, "the dump at line %d has %d goroutines more than are kept one by one; they were left out", d.Line, d.Dropped)
		}
		a.later = append(a.later, d.Findings(in.Name, grownSince(p, base))...)
	}
	if len(dumps) > 0 {
		a.rep.Inputs = append(a.rep.Inputs, finding.Input{
			Name: in.Name, Kind: string(profile.DumpKind), Bytes: in.Bytes(), Events: goroutines,
		})
	}
}

func cause(d *diagnosis.Dump) string {
	if len(d.Tests) == 0 {
		return d.Cause
	}
	return d.Cause + " in " + finding.Join(d.Tests)
}

// grownSince tells whether a place has more goroutines than in base, nil without one.
func grownSince(p, base *profile.Profile) func(profile.Role, finding.Stack) bool {
	if base == nil {
		return nil
	}
	type place struct {
		role profile.Role
		site string
	}
	grown := make(map[place]bool)
	pairs, _ := profile.Diff(p, base)
	for _, pair := range pairs {
		if pair.Change == profile.New || pair.Change == profile.Worse {
			grown[place{pair.Now.Role, pair.Now.Stack.Site().Func}] = true
		}
	}
	return func(role profile.Role, stack finding.Stack) bool { return grown[place{role, stack.Site().Func}] }
}
