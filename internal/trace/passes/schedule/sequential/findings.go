package sequential

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
)

const (
	// shownWaits and shownCallers bound the places. Two or three helpers as a rule lie
	// between the function that loops and the one that waits.
	shownWaits   = 4
	shownCallers = 4
)

func (p *pass) finish(rep *finding.Report) {
	slices.SortFunc(p.ended, func(a, b candidate) int { return cmp.Compare(a.id, b.id) })
	for _, c := range p.ended {
		// It was judged when its goroutine ended; the trace has become longer since.
		if top := p.trunk(c.waits); top.isSeries(p.tr.Now) {
			rep.Findings = append(rep.Findings, p.finding(c.id, &top))
		}
	}
}

func (p *pass) finding(id uint64, t *trunk) finding.Finding {
	longest := int64(0)
	for _, w := range t.waits {
		longest = max(longest, w.max)
	}
	fn := p.tr.Frame(t.fn).Frame
	f := finding.Finding{
		Rule:      finding.RuleSequentialWaits,
		Certainty: finding.Suspected,
		Severity:  finding.Warning,
		Title:     fmt.Sprintf("%s waits %d times in a row, %s in total; the longest wait takes %s", fn.ShortFunc(), t.count, finding.FormatDuration(t.sum), finding.FormatDuration(longest)),
		Detail:    "Nothing else ran or waited for the outside world meanwhile. The trace does not show whether one wait needs the result of another.",
		Measures: []finding.Measure{
			finding.Number("waits", t.count), finding.Duration("total", t.sum), finding.Duration("longest", longest),
			finding.Share("of their span", finding.Fraction(t.sum, t.last-t.first)), finding.Share("of the trace", finding.Fraction(t.sum, p.tr.Now)),
		},
		LostNanos: t.sum - longest,
		Evidence: []finding.Evidence{{Source: p.tr.Input, Text: fmt.Sprintf(
			"goroutine %d waited alone from %s to %s", id, finding.FormatDuration(t.first), finding.FormatDuration(t.last))}},
		Fix: fmt.Sprintf("if the waits do not depend on each other, start them together and wait for all: that takes about %s instead of %s, even on one processor",
			finding.FormatDuration(longest), finding.FormatDuration(t.sum)),
	}
	if t.single {
		f.Places = p.callers(t)
	} else {
		f.Places = p.branches(t)
	}
	return f
}

// branches are the function that makes the calls, and the waits below it.
func (p *pass) branches(t *trunk) []finding.Place {
	stack := p.tr.Stack(t.waits[0].stack)
	places := []finding.Place{{Role: "one after another in", Stack: stack[len(stack)-1-t.depth:]}}
	waits := slices.SortedFunc(slices.Values(t.waits), func(a, b waits) int {
		return cmp.Or(cmp.Compare(b.sum, a.sum), cmp.Compare(a.stack, b.stack))
	})
	for _, w := range waits[:min(len(waits), shownWaits)] {
		places = append(places, p.waitPlace(w))
	}
	return places
}

// callers are the wait and the functions of user code that lead to it: the loop is
// in one of them.
func (p *pass) callers(t *trunk) []finding.Place {
	w := t.waits[0]
	places := []finding.Place{p.waitPlace(w)}
	ids := p.tr.FrameIDs(w.stack)
	for i := slices.Index(ids, t.fn) + 1; i < len(ids) && len(places) <= shownCallers; i++ {
		if f := p.tr.Frame(ids[i]); !f.Standard && !f.Machinery {
			places = append(places, finding.Place{Role: "called by, perhaps in a loop", Stack: finding.Stack{f.Frame}})
		}
	}
	return places
}

func (p *pass) waitPlace(w waits) finding.Place {
	return finding.Place{Role: "waits here", Stack: p.tr.Stack(w.stack).Trim(), Measures: []finding.Measure{
		finding.Number("times", w.count), finding.Duration("total", w.sum), finding.Duration("longest", w.max),
	}}
}
