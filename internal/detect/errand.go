package detect

import (
	"slices"

	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// errand is what a goroutine was started for by one that holds locks. If that one
// waits for it before it releases them, it asks for a lock while they are held, as if
// its parent asked itself. Whether the parent waits is known only when it has: until
// then the requests are remembered, and travel with the stamps that the goroutine
// hands over (see stamp). Those who are started by WaitGroup.Go need no errand: the
// group itself is a node of the order graph (see group.order).
//
// The goroutine alone reads and writes it.
type errand struct {
	parent   uint64
	holds    []hold // of the parent, at the go statement
	seed     uint64 // the chain key of nothing held
	requests []asked
}

// asked is a request that was made on an errand.
type asked struct {
	lock *lockRecord
	request
}

// account is what was asked for on an errand until a stamp was handed over. It never
// changes.
type account struct {
	parent   uint64
	holds    []hold
	requests []asked
}

const (
	// maxAsked is how many requests of an errand are remembered: those that come
	// first, since an errand is a short piece of work or a goroutine that stays.
	maxAsked = 16
	// maxAccounts is how many accounts a stamp carries, as that of a wait group does.
	maxAccounts = 16
)

// newErrand returns the errand of a goroutine that g is about to start, nil if g
// holds nothing.
//
//go:norace
func (g *Goroutine) newErrand() *errand {
	if g.n == 0 && g.errand == nil {
		return nil
	}
	for i := range g.n {
		if h := &g.held[i]; h.mark == 0 {
			g.marks++
			h.mark = g.marks
		}
	}
	// A key of its own, so that what is known of requests says whether it is known of
	// those on this errand.
	return &errand{parent: g.identity(), holds: g.snapshot(), seed: extend(g.hash, ^lockorder.LockID(0), lockorder.Shared) | 1}
}

// run begins an errand; nil is none.
//
//go:norace
func (g *Goroutine) run(e *errand) {
	if g.errand = e; e != nil {
		g.seed, g.hash = e.seed, e.seed
	}
}

// note remembers a request of the goroutine or of one that it has waited for.
//
//go:norace
func (g *Goroutine) note(l *lockRecord, r *request) {
	e := g.errand
	if len(e.requests) >= maxAsked {
		return
	}
	if e.requests == nil {
		e.requests = make([]asked, 0, maxAsked)
	}
	n := len(e.requests)
	e.requests = e.requests[:n+1] // accounts see the first ones only
	e.requests[n] = asked{l, *r}
	g.timeline.stamp = nil
}

// accounts is what stamps carry of the goroutine's errand.
//
//go:norace
func (g *Goroutine) accounts() []*account {
	e := g.errand
	if e == nil || len(e.requests) == 0 {
		return nil
	}
	return []*account{{parent: e.parent, holds: e.holds, requests: e.requests}}
}

// awaited is acquire where the goroutine could not have gone on otherwise.
//
//go:norace
func (g *Goroutine) join(s *stamp) {
	g.observe(s)
	if s != nil && s.accounts != nil && (g.n > 0 || g.errand != nil) {
		g.settle(s.accounts)
	}
}

// settle takes the requests of goroutines that were started for it and awaited as
// made under the locks that the goroutine has held all the time.
//
//go:norace
//go:noinline
func (g *Goroutine) settle(accounts []*account) {
	g.enter()
	defer g.leave()
	g.compact()
	for _, a := range accounts {
		if a.parent != g.inside {
			continue
		}
		kept := g.kept(a.holds)
		for i := range a.requests {
			g.settleOne(&a.requests[i], kept)
		}
	}
}

//go:norace
func (g *Goroutine) settleOne(a *asked, kept []hold) {
	r := a.request
	r.via, r.goroutine, r.creator, r.errand = r.goroutine, g.inside, g.creator, false
	r.holds = slices.Concat(kept, r.holds)
	if r.holdsItself(a.lock) {
		return // it would hang each time
	}
	std.protect(func() {
		if g.errand != nil {
			g.note(a.lock, &r)
		}
		if len(kept) == 0 || a.lock.knows(r.chain, r.goroutine) {
			return
		}
		std.sink.diagnose(std.order.add(a.lock, &r))
	})
}

// kept returns those of holds that the goroutine has held since they were marked.
//
//go:norace
func (g *Goroutine) kept(holds []hold) (kept []hold) {
	for i := range g.n {
		for j := range holds {
			if holds[j].mark == g.held[i].mark && holds[j].lock == g.held[i].lock {
				h := holds[j]
				kept = append(kept, h)
			}
		}
	}
	return kept
}

// withAccounts returns a and those of b that are not among them, and whether there
// were any. Of too many the first ones go.
func withAccounts(a, b []*account) (both []*account, more bool) {
	both = a
	for _, x := range b {
		if !slices.Contains(a, x) {
			both = append(slices.Clip(both), x)
			more = true
		}
	}
	return both[max(0, len(both)-maxAccounts):], more
}

// shareWorker reports whether one goroutine makes both requests, or makes the one and
// is awaited in the other.
func shareWorker(a, b *lockorder.Dependency[*site]) bool {
	is := func(x, y uint64) bool { return x != 0 && x == y }
	return is(a.Site.via, b.Site.via) || is(a.Site.via, b.Goroutine) || is(a.Goroutine, b.Site.via)
}
