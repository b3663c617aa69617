package verdict

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer"
	"github.com/concdoctor/concdoctor/internal/zerotouch/naming"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// Options are the choices of a verdict. The zero value is ready to use.
type Options struct {
	// Suppress are patterns of findings not to report, and SuppressFiles files of such
	// patterns, suppressions and baselines alike; see finding.ParseSuppression.
	Suppress, SuppressFiles []string
	// SelfWait is how long a goroutine has to wait before it is looked at; 0 is
	// DefaultSelfWait.
	SelfWait time.Duration
	// Interval is how long a Watcher rests between two looks at the least; 0 is
	// DefaultInterval.
	Interval time.Duration
	// ForeignUnlock reports goroutines that release locks which others hold: that is
	// legal, and often meant.
	ForeignUnlock bool
	// OnHang, if not nil, is called from one goroutine with each finding about
	// goroutines that hang while their program still runs, once, if it is potential or
	// surer.
	OnHang func(program string, f finding.Finding)
	// OnLasting, if not nil, is called like OnHang, once, with each such finding whose
	// goroutines have not moved for Lasting since. It is called with a suspected one as well,
	// if the whole program stands still for much longer. It is not called without OnHang.
	OnLasting func(program string, f finding.Finding)
	Lasting   time.Duration
	// Limits are those of the rules held-long and waited-long, and OnLong, if not nil, is
	// called like OnHang with each finding of theirs.
	Limits Limits
	OnLong func(program string, f finding.Finding)
	// Version is the tool's, for the report.
	Version string
}

func (o Options) selfWait() time.Duration {
	if o.SelfWait <= 0 {
		return DefaultSelfWait
	}
	return o.SelfWait
}

// leastWait is how long a goroutine has to wait before a tape is read.
func (o Options) leastWait() time.Duration {
	least := o.selfWait()
	for _, limit := range []time.Duration{o.Limits.hold(), o.Limits.wait()} {
		if limit > 0 {
			least = min(least, limit)
		}
	}
	return least
}

// collector makes one report of the tapes of several processes.
type collector struct {
	opts  Options
	namer *naming.Namer
	rep   *finding.Report
	// places are the scenes'.
	places places
	// dropped are records of the past, droppedSums waits and holds.
	dropped, droppedSums loss
}

// loss is what found no room in tapes. It is reported once, for all.
type loss struct {
	count  int64
	inputs []string
}

func (l *loss) add(input string, count int64) {
	if count > 0 {
		l.count += count
		l.inputs = append(l.inputs, input)
	}
}

// warn reports a loss, under the name of the one input or of the first of several.
func (l *loss) warn(rep *finding.Report, consequence string) {
	switch n := len(l.inputs); n {
	case 0:
	case 1:
		rep.Warn(l.inputs[0], "%d %s", l.count, consequence)
	default:
		rep.Warn(fmt.Sprintf("%s and %d more", l.inputs[0], n-1), "%d %s", l.count, consequence)
	}
}

func newCollector(opts Options, namer *naming.Namer) *collector {
	return &collector{opts: opts, namer: namer, rep: finding.NewReport(finding.Tool{Name: "concdoctor", Version: opts.Version})}
}

// readLast reads a tape whose process should have ended. One that still runs may be left
// behind by its parent, and the tape of one on another machine may not show it: if two
// readings are alike, then nothing happened from the end of the first to the beginning of
// the second.
func readLast(file *tape.File, namer *naming.Namer) (*scene, error) {
	t, err := file.Read()
	if err != nil {
		return nil, err
	}
	s := newScene(t, namer)
	if t.End == tape.Running {
		again, err := file.Read()
		s.isOneMoment = err == nil && slices.EqualFunc(t.Goroutines, again.Goroutines, func(a, b tape.Goroutine) bool {
			return a.ID == b.ID && a.Seq == b.Seq
		})
	}
	return s, nil
}

// errFull says that a process was observed to a part only.
var errFull = errors.New("the recording stopped early, since its disk was full: what the process did afterwards is not known; use a directory with more space")

// add adds what one process shows. The tape does not change any more. What a watcher
// has seen of it before is in seen.
func (c *collector) add(s *scene, program, name string, seen *followed) {
	t := s.Tape
	c.rep.Inputs = append(c.rep.Inputs, finding.Input{
		Name: name, Kind: InputKind, Events: int64(len(t.Dependencies) + len(t.Uses) + len(t.Misuses) + len(t.Races)), Nanos: t.Now - t.StartMono,
	})
	s.findPlaces(&c.places)
	found := s.judge(c.opts.selfWait())
	found = append(found, s.allOverLimits(c.opts.Limits, found, seen)...)
	if b := s.blocked(found); b != nil {
		b.Input, b.Program = name, program
		c.rep.Blocked = append(c.rep.Blocked, *b)
	}
	if seen != nil {
		c.recall(s, seen, name, found)
	}
	for _, p := range found {
		f := p.Finding
		if f.Rule == finding.RuleForeignUnlock && !c.opts.ForeignUnlock {
			continue
		}
		for _, test := range p.tests {
			f.AddSeen(finding.Sighting{Program: program, Test: test, Count: 1})
		}
		if p.tests == nil {
			f.AddSeen(finding.Sighting{Program: program, Count: 1})
		}
		c.rep.Findings = append(c.rep.Findings, f)
	}
	c.dropped.add(name, t.Dropped)
	c.droppedSums.add(name, t.DroppedSums)
	if t.Cut {
		c.rep.Warn(name, "the file is cut off: what was recorded beyond is not known; copy it again, as a whole")
	}
	if t.Full {
		c.rep.Warn(name, "%v", errFull)
	}
	if t.Unseen > 0 {
		c.rep.Warn(name, "%d goroutines found no room: who waits for a channel is not reported, since they might use it", t.Unseen)
	}
}

// judge returns all findings about a process.
func (s *scene) judge(enough time.Duration) (all []past) {
	reported := make(map[uint64]bool)
	hangs := s.hangs(enough)
	for _, h := range hangs {
		for _, g := range slices.Concat(h.members, h.victims) {
			reported[g.ID] = true
		}
		if h.Rule == finding.RuleStuck && s.allLeft(h.members) {
			for _, g := range slices.Concat(h.members, h.victims) {
				reported[g.ID] = false // they are reported as leaks
			}
			continue
		}
		all = append(all, past{h.Finding, testsIn(h.members), slices.Concat(h.members, h.victims)})
	}
	for i := range s.Misuses {
		m := &s.Misuses[i]
		if f, ok := s.misuse(m); ok {
			all = append(all, past{Finding: f, tests: one(m.Test)})
		}
	}
	all = append(all, s.races()...)
	for _, cycle := range s.cycles() {
		if !slices.ContainsFunc(hangs, func(h hung) bool { return h.IsHangOf(&cycle.Finding) }) {
			all = append(all, cycle)
		}
	}
	all = append(all, s.leaks(reported)...)
	return append(all, s.statistics()...)
}

func testsIn(who []*tape.Goroutine) (tests []string) {
	seen := make(map[string]bool)
	for _, g := range who {
		if name := belongsTo(g); name != "" && !seen[name] {
			seen[name] = true
			tests = append(tests, name)
		}
	}
	return tests
}

func one(test string) []string {
	if test == "" {
		return nil
	}
	return []string{test}
}

// report returns the report, merged and without what is not wanted.
func (c *collector) report() (*finding.Report, error) {
	c.dropped.warn(c.rep, "records of the past found no room: an order of locks or a misuse that only they show is not known")
	c.droppedSums.warn(c.rep, "waits and holds found no room: the times of contention are too small")
	unwanted, err := finding.NewSuppressor(c.opts.Suppress, c.opts.SuppressFiles)
	c.rep.Normalize()
	c.setAside()
	c.rep.Suppress(unwanted)
	c.rep.Normalize()
	c.rep.Summary.Verdict = analyzer.Verdict(c.rep)
	return c.rep, err
}

// setAside takes out what is harmless in every program: what the shipped list names, and
// what lies inside the standard library altogether. The reasons stay in the report.
func (c *collector) setAside() {
	known := shipped()
	kept := c.rep.Findings[:0]
	for _, f := range c.rep.Findings {
		if by := harmless(&f, known); by == "" {
			kept = append(kept, f)
		} else {
			c.rep.Suppressed = append(c.rep.Suppressed, finding.Suppressed{By: by, Finding: f})
		}
	}
	c.rep.Findings = kept
}

// harmless says why a finding is harmless in every program, "" if it is not.
func harmless(f *finding.Finding, known []finding.Suppression) string {
	if s, unwanted := f.SuppressedBy(known); unwanted {
		return s.Pattern() + ": " + s.Reason
	}
	if isForeign(f) {
		return "all of it is inside the standard library"
	}
	return ""
}

// aside is what is not wanted while programs run, as it is not in their report.
type aside struct {
	known    []finding.Suppression
	unwanted *finding.Suppressor
}

// newAside reads the suppressions. What is wrong with them the report says.
func newAside(opts Options) *aside {
	unwanted, _ := finding.NewSuppressor(opts.Suppress, opts.SuppressFiles)
	return &aside{shipped(), unwanted}
}

func (a *aside) has(f *finding.Finding) bool {
	if harmless(f, a.known) != "" {
		return true
	}
	_, _, is := a.unwanted.Suppresses(f)
	return is
}
