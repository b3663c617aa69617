package diagnosis

import (
	"maps"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/dump"
	"github.com/concdoctor/concdoctor/internal/format"
	"github.com/concdoctor/concdoctor/internal/lockset"
	"github.com/concdoctor/concdoctor/internal/profile"
)

// Format is the dumps' row in the table of formats.
func Format() format.Format {
	return format.Format{
		Name:  string(profile.DumpKind),
		Help:  "goroutine dumps (debug=2, SIGQUIT, panics), anywhere in a log",
		Sniff: dump.MayHold,
		Scan:  func() format.Scanner { return scanner{dump.NewScanner()} },
	}
}

type scanner struct{ *dump.Scanner }

// End implements format.Scanner.
func (s scanner) End(in *format.Input, to *format.Result) {
	dumps := s.Scanner.End()
	if len(dumps) == 0 {
		return
	}
	var goroutines int64
	sources := lockset.New(nil)
	for i := range dumps {
		d := New(&dumps[i])
		goroutines += int64(len(d.Goroutines) + d.Dropped)
		if d.Dropped > 0 {
			to.Report.Warn(in.Name, "the dump at line %d has %d goroutines more than are kept one by one; they were left out", d.Line, d.Dropped)
		}
		to.AddCounts(d.counted(Options{Name: in.Name, Sources: sources}, to.Report))
	}
	to.AddInput(finding.Input{Name: in.Name, Kind: string(profile.DumpKind), Bytes: in.Bytes(), Events: goroutines})
}

// counted is the dump for the comparison with another. Its blocked goroutines go to the
// report when it is judged. The places of one goroutine alone are no list: it is the stack
// of a panic, or one that the program logged.
func (d *Dump) counted(opts Options, to *finding.Report) format.Counted {
	p := d.Profile(opts.Name)
	return format.Counted{
		Profile: p, Cause: d.cause(), Brief: len(d.Goroutines) < 2,
		Judge: func(c format.Context) []finding.Finding {
			opts.Grown, opts.Still = grownSince(p, c.Base), d.stillIn(c.Watches)
			judged := d.Judge(opts)
			if judged.Blocked != nil {
				to.Blocked = append(to.Blocked, *judged.Blocked)
			}
			return judged.Findings
		},
	}
}

// minWatch is how long a process must have been watched for a goroutine that did not move
// to be worth a word: a lock is not waited for so long on purpose.
const minWatch = time.Second

// stillIn returns whether a goroutine of the dump did not move while its process was
// watched: it must be found where the watch left it. It is nil if there was no watch.
func (d *Dump) stillIn(watches []*format.Watch) func(id uint64) bool {
	at := make(map[uint64]finding.Frame)
	for _, w := range watches {
		if w.Nanos >= int64(minWatch) {
			maps.Copy(at, w.At)
		}
	}
	still := make(map[uint64]bool)
	for i := range d.Goroutines {
		g := &d.Goroutines[i]
		site := g.Stack.Site()
		if was, watched := at[g.ID]; watched && was.Line == site.Line && was.Function() == site.Function() {
			still[g.ID] = true
		}
	}
	if len(still) == 0 {
		return nil
	}
	return func(id uint64) bool { return still[id] }
}

func (d *Dump) cause() string {
	if len(d.Tests) == 0 {
		return d.Cause
	}
	return d.Cause + " in " + finding.Join(d.Tests)
}

// grownSince returns whether a place has more goroutines than in base, nil without one.
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
