package verdict

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// The thresholds are the analyzer's for execution traces.
const (
	// minLost and minWallShare: waits that cost less are not worth a word.
	minLost      = 10_000_000
	minWallShare = 0.01
	// blockedPark and blockedShare: one wait under a lock of 1 ms, the order of a disk or
	// network round trip, or a fifth of the hold.
	blockedPark  = 1_000_000
	blockedShare = 0.2
	// shownPlaces bounds the places of a finding.
	shownPlaces = 3
)

// class is what is known about the waits and holds of the locks of one class.
type class struct {
	kind   finding.ResourceKind
	name   string
	waits  []*tape.Blocking // for the lock, most time first
	holds  []*tape.Holding  // most time first
	under  []*tape.Blocking // for something else while it was held, most time first
	waited int64
	times  int64
	worst  int64
	held   int64
}

// statistics returns what waits for locks cost, and what their holders waited for
// meanwhile.
func (s *scene) statistics() (found []past) {
	for _, c := range s.classes() {
		if c.waited < minLost || finding.Fraction(c.waited, s.Now-s.StartMono) < minWallShare || len(c.waits) == 0 {
			continue
		}
		if c.waits[0].Stack.Site().IsStandard() {
			continue // it is not the program's lock
		}
		for _, f := range c.blocking() {
			found = append(found, past{Finding: f, tests: testOf(c.waits)})
		}
		found = append(found, past{Finding: c.contention(), tests: testOf(c.waits)})
	}
	return found
}

func testOf(waits []*tape.Blocking) (tests []string) {
	for _, w := range waits {
		if w.Test != "" && !slices.Contains(tests, w.Test) {
			tests = append(tests, w.Test)
		}
	}
	return tests
}

// classes sorts the waits and holds by the name of their lock, in a stable order.
func (s *scene) classes() []*class {
	by := make(map[className]*class)
	var all []*class
	at := func(kind tape.Kind, stack finding.Stack) *class {
		name := s.nameOfClass(tape.Object{Kind: kind}, stack)
		c := by[name]
		if c == nil {
			shown := (&object{s, tape.Object{Kind: kind}}).Resource(finding.Exclusive, stack)
			c = &class{kind: shown.Kind, name: shown.Name}
			by[name] = c
			all = append(all, c)
		}
		return c
	}
	for i := range s.Blockings {
		b := &s.Blockings[i]
		if isLock(b.Kind) {
			c := at(b.Kind, b.Stack)
			c.waits = append(c.waits, b)
			c.waited, c.times, c.worst = c.waited+b.Nanos, c.times+b.Count, max(c.worst, b.Max)
		}
	}
	for i := range s.Holdings {
		h := &s.Holdings[i]
		c := at(h.Kind, h.Stack)
		c.holds = append(c.holds, h)
		c.held += h.Nanos
	}
	for i := range s.Blockings {
		if b := &s.Blockings[i]; len(b.Under) > 0 && !isLock(b.Kind) && !s.mayBeGiven(b) {
			for _, kind := range [...]tape.Kind{tape.Mutex, tape.RWMutex} {
				if c := by[s.nameOfClass(tape.Object{Kind: kind}, b.Under)]; c != nil {
					c.under = append(c.under, b)
				}
			}
		}
	}
	for _, c := range all {
		mostFirst := func(a, b *tape.Blocking) int { return cmp.Compare(b.Nanos, a.Nanos) }
		slices.SortStableFunc(c.waits, mostFirst)
		slices.SortStableFunc(c.under, mostFirst)
		slices.SortStableFunc(c.holds, func(a, b *tape.Holding) int { return cmp.Compare(b.Nanos, a.Nanos) })
	}
	slices.SortStableFunc(all, func(a, b *class) int { return cmp.Compare(b.waited, a.waited) })
	return all
}

// mayBeGiven reports whether the lock may have belonged to another goroutine while its former
// holder waited: locks that are acquired there are given away, and no hold of which the holder
// released the lock itself was seen to last as long as the wait.
func (s *scene) mayBeGiven(b *tape.Blocking) bool {
	at := b.Under.Site()
	if !s.handed[at] {
		return false
	}
	return !slices.ContainsFunc(s.Holdings, func(h tape.Holding) bool { return h.Stack.Site() == at && h.Max >= b.Max })
}

func (c *class) resource() finding.Resource {
	return finding.Resource{Kind: c.kind, Name: c.name, Class: c.waits[0].Stack.Site()}
}

func (c *class) noun() string {
	if c.name != "" {
		return c.name
	}
	return c.kind.Indefinite()
}

// contention says which goroutines waited for the class.
func (c *class) contention() finding.Finding {
	f := finding.Finding{
		Rule: finding.RuleContention, Certainty: finding.Observed, Severity: finding.Info,
		Title:     fmt.Sprintf("goroutines wait %s in total at %s for %s", finding.FormatDuration(c.waited), c.waits[0].Stack.Site(), c.noun()),
		Resources: []finding.Resource{c.resource()},
		Measures: []finding.Measure{
			finding.Duration("waits", c.waited), finding.Number("times", c.times), finding.Duration("max", c.worst),
		},
		LostNanos: c.waited,
		Fix:       finding.RuleContention.Fix(),
	}
	for _, w := range c.waits[:min(len(c.waits), shownPlaces)] {
		f.Places = append(f.Places, finding.Place{Role: "waits here", Stack: w.Stack.Trim(), Measures: []finding.Measure{
			finding.Duration("in total", w.Nanos), finding.Number("times", w.Count)}})
	}
	for _, h := range c.holds[:min(len(c.holds), shownPlaces)] {
		f.Places = append(f.Places, finding.Place{Role: "acquires it here", Stack: h.Stack.Trim(), Measures: holdMeasures(h)})
	}
	return f
}

// blockWords say what a holder does, and what to do about it.
var blockWords = map[tape.Kind]struct{ doing, fix string }{
	tape.Chan:      {"waits for a channel", "use the channel before Lock or after Unlock, or hand over through a buffered channel with select and default"},
	tape.Select:    {"waits in a select", "move the select out of the section"},
	tape.WaitGroup: {"waits for a wait group", "unlock before Wait: the goroutines that it waits for may need the lock"},
	tape.Cond:      {"waits for a signal", "unlock before the wait, or wait with this lock as the condition's own"},
}

// blocking returns a finding for each line at which holders of the class wait for
// something else while others wait for the lock.
func (c *class) blocking() (found []finding.Finding) {
	for _, b := range c.under {
		words, known := blockWords[b.Kind]
		if !known || b.Nanos < minLost || b.Max < blockedPark && finding.Fraction(b.Nanos, c.held) < blockedShare {
			continue
		}
		found = append(found, finding.Finding{
			Rule: finding.RuleBlockingUnderLock, Certainty: finding.Observed, Severity: finding.Warning,
			Title: fmt.Sprintf("%s %s while it holds %s; other goroutines wait %s for it",
				b.Stack.Site(), words.doing, c.noun(), finding.FormatDuration(c.waited)),
			Resources: []finding.Resource{c.resource()},
			Places: []finding.Place{
				{Role: "blocks here", Stack: b.Stack.Trim(), Measures: []finding.Measure{
					finding.Duration("longest", b.Max), finding.Number("times", b.Count), finding.Duration("in total", b.Nanos)}},
				{Role: "acquires it here", Stack: b.Under.Trim()},
				{Role: "waits here", Stack: c.waits[0].Stack.Trim()},
			},
			Measures:  []finding.Measure{finding.Duration("others wait", c.waited), finding.Duration("longest block", b.Max)},
			LostNanos: min(c.waited, b.Nanos),
			Count:     b.Count,
			Fix:       words.fix,
		})
	}
	return found
}

func holdMeasures(h *tape.Holding) []finding.Measure {
	m := []finding.Measure{finding.Number("times", h.Count)}
	if h.Measured > 0 {
		m = append(m, finding.Duration("mean hold", h.Nanos/h.Measured), finding.Duration("longest hold", h.Max))
	}
	return m
}
