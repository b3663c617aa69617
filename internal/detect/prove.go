package detect

import (
	"time"

	"github.com/concdoctor/concdoctor/internal/cputime"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/detect/goroutines"
)

// prover decides when the garbage collector is asked which goroutines no other one can wake
// any more. A collection takes time, so that a process is asked only while it stands still:
// a goroutine has waited for the patience, and none runs. scanner.scanning protects it.
//
// In a healthy program goroutines wait for long too. At a place where waits have turned out
// to be no hangs the patience grows fourfold with each look, and so does that with a wait
// which was looked at.
type prover struct {
	notBefore time.Time
	refusals  int
	asked     map[*Goroutine]question
	unproven  map[callers.Short]int
}

// question is a look at one wait.
type question struct {
	turn  uint64
	after time.Duration
}

const (
	// proofRest is how many times longer than what a look costs the pause after it lasts at the least:
	// all looks together cost a hundredth of the time.
	proofRest = 100
	// moreProof is how many times longer a wait has to last before it is looked at again,
	// and mostUnproven bounds how often the patience with a place grows.
	moreProof, mostUnproven = 4, 5
	// A process that computes is asked again after refusalRest, and twice as long each time.
	refusalRest, refusalMost = time.Second, time.Minute
	// maxUnproven bounds the places that are remembered.
	maxUnproven = 1000
)

// isDue reports whether one of the waits is worth a look.
func (p *prover) isDue(waits []reading, sc *scanner, now time.Time, patience time.Duration) bool {
	if now.Before(p.notBefore) {
		return false
	}
	for i := range waits {
		s := &waits[i]
		least := patience
		for range min(p.unproven[s.stack], mostUnproven) {
			least *= moreProof
		}
		if before, known := p.asked[s.g]; known && before.turn == s.turn {
			least = max(least, moreProof*before.after)
		}
		if sc.reported[s.g] != s.turn && now.Sub(s.since) >= least {
			return true
		}
	}
	return false
}

// learn notes which waits were looked at, and at which places they were no hangs.
func (p *prover) learn(waits []reading, c *census, now time.Time) {
	p.asked, p.refusals = make(map[*Goroutine]question), 0
	if p.unproven == nil || len(p.unproven) > maxUnproven {
		p.unproven = make(map[callers.Short]int)
	}
	places := make(map[callers.Short]bool)
	for i := range waits {
		s := &waits[i]
		p.asked[s.g] = question{s.turn, now.Sub(s.since)}
		if !c.isLost(s.id) {
			places[s.stack] = true
		}
	}
	for place := range places {
		p.unproven[place]++
	}
}

// refuse has the process left alone for a while.
func (p *prover) refuse(now time.Time) {
	p.notBefore = now.Add(min(refusalRest<<min(p.refusals, 10), refusalMost))
	p.refusals++
}

// prove has the collector look at the waits, if that is due and the process stands still.
// The census of this scan then has what it found.
func (sc *scanner) prove(waits []reading, now time.Time, patience time.Duration) {
	p := &sc.prover
	if !goroutines.CanProve() || !p.isDue(waits, sc, now, patience) {
		return
	}
	plain := sc.takeCensus()
	if plain == nil {
		return
	}
	began, look := time.Now(), cputime.Begin()
	if plain.isBusy() {
		p.refuse(began)
		return
	}
	all, ok := goroutines.TakeProven()
	if !ok {
		p.refuse(began)
		return
	}
	sc.census = newCensus(all, true)
	sc.census.proven = true
	p.notBefore = began.Add(proofRest * look.Cost())
	p.learn(waits, sc.census, now)
}
