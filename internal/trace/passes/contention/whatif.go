package contention

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// keptHalved is how many lines of a class are replayed: the worst is among the first
// that make others wait.
const keptHalved = 4

// whatIf is what halving the holds that end at one line would save. It comes from a
// replay of the wait chains in max-plus algebra (Baccelli et al.: Synchronization and
// Linearity, 1992): each goroutine is ahead of its real self by some time; a hold cut in
// half puts the holder ahead by that half; and the goroutine that is woken at the unlock goes on at the
// later of its own earlier arrival and the earlier unlock. So does one that is woken by a
// send or the like. A sleep takes as long as it took; what comes from outside, or from a
// timer, comes when it came, and the lead is gone. Holds for which no goroutine waited are not
// seen, so that it is a lower bound.
type whatIf struct {
	waits int64 // less waiting of all goroutines together
	ahead int64 // by which the goroutine that gains most would have been done earlier
}

// saving is what a goroutine would be ahead for one line.
type saving struct {
	line  lineID
	nanos int64
}

// halve adds a line to those that are replayed, if there is room.
func (c *class) halve(id lineID) {
	for i, have := range c.halved {
		switch {
		case have == id || id == 0:
			return
		case have == 0:
			c.halved[i] = id
			return
		}
	}
}

func (d *locking) savingOf(line lineID) *saving {
	for i := range d.saved {
		if d.saved[i].line == line {
			return &d.saved[i]
		}
	}
	d.saved = append(d.saved, saving{line: line})
	return &d.saved[len(d.saved)-1]
}

// wake is an unlock at a line that ends a wait.
type wake struct {
	at             lineID
	holder, waiter *history
	waited         int64
	// halfHold is half of the hold that the unlock ends, 0 if it has been counted already.
	halfHold int64
}

// replay goes on with what would be if the class's holds were halved.
func (p *pass) replay(c *class, w wake) {
	c.halve(w.at)
	for _, line := range c.halved {
		if line == 0 {
			return
		}
		if line == w.at {
			w.holder.savingOf(line).nanos += w.halfHold
		}
		unlocks := w.holder.savingOf(line).nanos
		arrives := w.waiter.savingOf(line)
		before := w.waited
		after := max(0, before-unlocks+arrives.nanos)
		arrives.nanos = min(before+arrives.nanos, unlocks)
		if before == after {
			continue
		}
		p.whatIf(line).waits += before - after
	}
}

// meet goes on with what would be, at the end of a wait for something else than a lock.
func (p *pass) meet(s *replay.Span) {
	if s.Reason == stream.Sleep {
		return
	}
	h := *p.hist.At(s.G)
	if h == nil || h.locking == nil {
		return
	}
	for i := range h.saved {
		mine := &h.saved[i]
		lead := int64(0)
		if s.Waker != nil {
			lead = p.lead(s.Waker, mine.line)
		}
		mine.nanos = min(s.Nanos()+mine.nanos, lead)
	}
}

// lead is what a goroutine is ahead for the line.
func (p *pass) lead(g *replay.Goroutine, line lineID) int64 {
	if h := *p.hist.At(g); h != nil && h.locking != nil {
		for _, s := range h.saved {
			if s.line == line {
				return s.nanos
			}
		}
	}
	return 0
}

func (p *pass) whatIf(line lineID) *whatIf {
	w := p.ifs[line]
	if w == nil {
		w = new(whatIf)
		p.ifs[line] = w
	}
	return w
}

// finished takes what a goroutine is ahead at its end.
func (p *pass) finished(saved []saving) {
	for _, s := range saved {
		if s.nanos > 0 {
			w := p.whatIf(s.line)
			w.ahead = max(w.ahead, s.nanos)
		}
	}
}

// halvedMeasures say what halving the class's worst hold would save.
func (d *diagnosis) halvedMeasures() []finding.Measure {
	if len(d.holds) == 0 || d.several() {
		return nil
	}
	w := d.p.ifs[d.holds[0].unlock]
	if w == nil || w.waits <= 0 {
		return nil
	}
	m := []finding.Measure{finding.Duration("waits saved if the hold were halved", w.waits)}
	if w.ahead >= minLost {
		m = append(m, finding.Duration("done earlier then", w.ahead))
	}
	return m
}
