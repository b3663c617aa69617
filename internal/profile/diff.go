package profile

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// The words for a change between two profiles.
const (
	New    = "new"
	Gone   = "gone"
	Worse  = "worse"
	Better = "better"
	Same   = "same"
)

const (
	// changeRatio is the growth from which a spot counts as worse, and its inverse
	// as better: waits vary by a tenth or two from run to run without any change.
	changeRatio = 1.25
	// changeFloor is the share below which a spot is "same" whatever its ratio is:
	// a place with 1 % of the waiting is noise.
	changeFloor = 0.01
)

// Pair is a spot now and before; either may be nil.
type Pair struct {
	Now, Base *Spot
	Change    string
}

// Scale says how the values of two profiles are made comparable.
type Scale struct {
	now, base float64 // divisors
	// Text says it to the user.
	Text string
}

// comparison is two profiles of one kind with their totals.
type comparison struct {
	now, base           *Profile
	nowTotal, baseTotal Total
}

// scale decides: goroutines are counted as they are; waits per second of the
// profile where both say how long they ran, else as shares of each profile's total.
func (c comparison) scale() Scale {
	p, base := c.now, c.base
	switch {
	case p.ofGoroutines():
		return Scale{1, 1, "goroutines were compared by number"}
	case p.IsCustom():
		return Scale{1, 1, "what the profiles count was compared as it is"}
	case p.DurationNanos > 0 && base.DurationNanos > 0:
		return Scale{float64(p.DurationNanos), float64(base.DurationNanos),
			fmt.Sprintf("waits were compared per second of profile (%s now, %s before)",
				seconds(p.DurationNanos), seconds(base.DurationNanos))}
	}
	return Scale{float64(max(c.nowTotal.Nanos, 1)), float64(max(c.baseTotal.Nanos, 1)),
		"waits were compared as shares of each profile's total, since at least one does not say how long it ran; " +
			"profiles taken with ?seconds=N compare better"}
}

func seconds(nanos int64) string { return fmt.Sprintf("%.3g s", float64(nanos)/1e9) }

// IsComparable reports whether both count the same: profiles of one kind, or
// goroutines, whether of a profile or of a dump.
func (p *Profile) IsComparable(o *Profile) bool {
	counts := func(p *Profile) bool { return p.Kind == GoroutineKind || p.Kind == DumpKind }
	return p.Kind == o.Kind || counts(p) && counts(o)
}

// Diff pairs the spots of two profiles of one kind. Spots that now exist come
// first and keep their order, then those that are gone.
func Diff(p, base *Profile) ([]Pair, Scale) {
	now, _, total := p.Spots()
	before, _, baseTotal := base.Spots()
	scale := comparison{p, base, total, baseTotal}.scale()
	pairs := match(now, before)
	for i := range pairs {
		pairs[i].Change = pairs[i].change(scale, total, baseTotal)
	}
	return pairs, scale
}

// match pairs by function and role: first those on the same line, then what is
// left in order of line, since an edit above shifts all lines of a function.
func match(now, before []*Spot) []Pair {
	pairs := make([]Pair, len(now))
	taken := make(map[*Spot]bool, len(before))
	for i, spot := range now {
		pairs[i].Now = spot
	}
	for _, same := range []func(a, b *Spot) bool{sameLines, sameFunctions} {
		for i := range pairs {
			if pairs[i].Base != nil {
				continue
			}
			free := func(b *Spot) bool { return !taken[b] && same(pairs[i].Now, b) }
			if b := nearest(pairs[i].Now, before, free); b != nil {
				pairs[i].Base = b
				taken[b] = true
			}
		}
	}
	for _, b := range before {
		if !taken[b] {
			pairs = append(pairs, Pair{Base: b})
		}
	}
	return pairs
}

// nearest returns the spot that may be taken whose line is closest, nil if there is none.
func nearest(spot *Spot, before []*Spot, mayTake func(*Spot) bool) *Spot {
	var best *Spot
	distance := func(b *Spot) int { return abs(siteLine(b) - siteLine(spot)) }
	for _, b := range before {
		if mayTake(b) && (best == nil || distance(b) < distance(best)) {
			best = b
		}
	}
	return best
}

func siteLine(s *Spot) int { return s.Stack.Site().Line }

func abs(n int) int { return max(n, -n) }

func sameLines(a, b *Spot) bool {
	return sameFunctions(a, b) && siteLine(a) == siteLine(b)
}

// sameFunctions compares the sites; how they were reached may differ.
func sameFunctions(a, b *Spot) bool {
	return a.Role == b.Role && siteFunc(a.Stack) == siteFunc(b.Stack)
}

func siteFunc(s finding.Stack) string { return s.Site().Function() }

func (p Pair) change(scale Scale, total, baseTotal Total) string {
	switch {
	case p.Base == nil:
		return New
	case p.Now == nil:
		return Gone
	}
	small := p.Now.Share(total) < changeFloor && p.Base.Share(baseTotal) < changeFloor
	now, before := float64(p.Now.weight())/scale.now, float64(p.Base.weight())/scale.base
	switch {
	case small:
		return Same
	case now >= before*changeRatio:
		return Worse
	case now*changeRatio <= before:
		return Better
	}
	return Same
}

// Share is the part of t that the spot has, from 0 to 1: of the time if there is some.
func (s *Spot) Share(t Total) float64 {
	if t.Nanos > 0 {
		return float64(s.Nanos) / float64(t.Nanos)
	}
	return float64(s.Count) / float64(max(t.Count, 1))
}
