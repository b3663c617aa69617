package profile

import (
	"fmt"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

const (
	// minLockShare is the part of all waiting for locks from which a site matters:
	// below it, removing the site entirely would not be felt.
	minLockShare = 0.05
	// minLockNanos is the total wait from which a site matters. A process that
	// starts and stops spends this much on locks without any disease.
	minLockNanos = int64(10 * time.Millisecond)
	// minLockCount keeps single long waits out, such as one goroutine that waits for
	// an initialisation; longLockNanos lets few but very long ones in.
	minLockCount  = 10
	longLockNanos = int64(100 * time.Millisecond)
	// minLockLoad is the least wait per time of the profile, where that is known:
	// 1 % is one goroutine that waits for 10 ms in each second.
	minLockLoad = 0.01
)

// Findings judges a profile of waits alone, or against base if that is not nil. Profiles
// of goroutines are judged as dumps are.
func (p *Profile) Findings(base *Profile) []finding.Finding {
	if p.Kind != MutexKind && p.Kind != BlockKind {
		return nil
	}
	return p.contention(p.pairs(base))
}

func (p *Profile) pairs(base *Profile) []Pair {
	if base != nil {
		pairs, _ := Diff(p, base)
		return pairs
	}
	spots, _, _ := p.Spots()
	pairs := make([]Pair, len(spots))
	for i, s := range spots {
		pairs[i] = Pair{Now: s}
	}
	return pairs
}

func (p *Profile) contention(pairs []Pair) []finding.Finding {
	var locks Total
	for _, pair := range pairs {
		if pair.Now != nil && pair.Now.Role.IsLock() {
			locks.Count += pair.Now.Count
			locks.Nanos += pair.Now.Nanos
		}
	}
	var found []finding.Finding
	for _, pair := range pairs {
		if pair.Now != nil && p.contended(pair.Now, locks) {
			found = append(found, p.contentionFinding(pair, pair.Now.Share(locks)))
		}
	}
	return found
}

func (p *Profile) contended(s *Spot, locks Total) bool {
	switch {
	case !s.Role.IsLock(), s.Nanos < minLockNanos, s.Share(locks) < minLockShare:
		return false
	case p.DurationNanos > 0 && float64(s.Nanos) < minLockLoad*float64(p.DurationNanos):
		return false
	}
	return s.Count >= minLockCount || s.Nanos >= longLockNanos
}

func (p *Profile) contentionFinding(pair Pair, share float64) finding.Finding {
	s := pair.Now
	site := s.Stack.Site()
	total := finding.FormatDuration(time.Duration(s.Nanos))
	measures := []finding.Measure{
		finding.Duration("waited in total", time.Duration(s.Nanos)),
		finding.Number("waits", s.Count),
		finding.Duration("mean", time.Duration(s.Mean())),
		finding.Share("of all lock waiting", share),
	}
	f := finding.Finding{
		Rule:      finding.RuleContention,
		Certainty: finding.Observed,
		Severity:  p.severity(s),
		Title:     fmt.Sprintf("goroutines waited %s in total at %s for %s", total, site, s.Role.phrase()),
		Detail:    "The block profile charges the goroutine that waited: the place below is the Lock call. A mutex profile or an execution trace can show which goroutine held the lock.",
		Resources: []finding.Resource{{Kind: ResourceKind(s.Role)}},
		Places:    []finding.Place{{Role: "waits here", Stack: s.Stack, Measures: measures}},
		Evidence:  p.evidence(pair),
		LostNanos: s.Nanos,
		Count:     1,
		Fix: "find the critical section that this Lock waits for and shorten it: move I/O, allocation and calls out of it; " +
			"if the rest needs the lock, split the lock by key, or give each goroutine its own part",
	}
	if p.Kind == MutexKind {
		f.Title = fmt.Sprintf("goroutines waited %s in total for %s that is held until %s", total, s.Role.phrase(), site)
		f.Detail = "The mutex profile charges the goroutine that held the lock: the place below is the Unlock call that ended the waits (with defer, the end of the function)."
		f.Places[0].Role = "holds it here"
		f.Fix = fmt.Sprintf("shorten what %s does before this Unlock: move I/O, allocation and calls out of the critical section; "+
			"if the rest needs the lock, split the lock by key, or give each goroutine its own part", site.ShortFunc())
	}
	return f
}

// severity makes a remark of what may never have been noticed: the profile of a
// process's whole life does not say how long that was, so that minLockLoad has
// nothing to compare with, and 13 ms in a run of 15 s are no disease.
func (p *Profile) severity(s *Spot) finding.Severity {
	least := max(longLockNanos, int64(minLockLoad*float64(p.AtLeastNanos)))
	if p.DurationNanos == 0 && s.Nanos < least {
		return finding.Info
	}
	return finding.Warning
}

// Mean is the mean wait in nanoseconds.
func (s *Spot) Mean() int64 { return s.Nanos / max(s.Count, 1) }

// ResourceKind is the kind of what a goroutine in the role waits for.
func ResourceKind(r Role) finding.ResourceKind {
	switch r {
	case RWMutex:
		return finding.RWMutex
	case WaitGroup:
		return finding.WaitGroup
	case Cond:
		return finding.Cond
	case Once:
		return finding.Once
	case Receive, Send, Select, Unsaid:
		return finding.Channel
	}
	return finding.Mutex
}

// evidence names the source and, where two profiles were compared, the change.
func (p *Profile) evidence(pair Pair) []finding.Evidence {
	text := string(p.Kind) + ": " + pair.Now.amount()
	switch {
	case pair.Base != nil:
		text += ", before " + pair.Base.amount() + ": " + pair.Change
	case pair.Change != "":
		text += ": " + pair.Change
	}
	return []finding.Evidence{{Source: p.Input, Text: text}}
}

// At returns how many goroutines wait where is says, as evidence; ok is false if none
// does, or if it is no profile of goroutines.
func (p *Profile) At(is func(site finding.Frame) bool) (e finding.Evidence, ok bool) {
	if !p.ofGoroutines() {
		return e, false
	}
	var there Spot
	for i := range p.Samples {
		if s := &p.Samples[i]; s.Role.CanLeak() && is(s.Stack.Site()) {
			there.Count += s.Count
		}
	}
	if there.Count == 0 {
		return e, false
	}
	return p.evidence(Pair{Now: &there})[0], true
}

// amount says how much the spot weighs: "500 ms in 50 waits", "150 goroutines".
func (s *Spot) amount() string {
	if s.Nanos == 0 {
		return finding.Plural(s.Count, "goroutine")
	}
	return finding.FormatDuration(time.Duration(s.Nanos)) + " in " + finding.Plural(s.Count, "wait")
}

// lock is the name of a lock in a sentence.
func (r Role) lock() string {
	switch r {
	case RWMutex:
		return "RWMutex"
	case WaitGroup:
		return "wait group"
	}
	return string(r)
}

// phrase is the role as something to be blocked on.
func (r Role) phrase() string {
	switch r {
	case RWMutex:
		return "an " + r.lock()
	}
	return "a " + r.lock()
}
