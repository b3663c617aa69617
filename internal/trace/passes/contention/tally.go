package contention

import (
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// waitTally is what one stack of Lock calls has waited: parked and then ready.
type waitTally struct {
	lock   lineID
	count  int64
	nanos  int64
	max    int64
	parked int64 // of nanos
	// open counts waits that the trace's end cut off.
	open int64
	// openSince is when the first of them began.
	openSince int64
}

// holdTally is what one stack of Unlock calls is to blame for.
type holdTally struct {
	unlock lineID
	nanos  int64 // of others' waits
	wakes  int64
	count  int64 // holds
	held   int64 // by holds of which the beginning is known, exact of them
	exact  int64
}

// parkKey is a park under a lock: where it unlocked, where it parked before.
type parkKey struct{ unlock, park stream.StackID }

// parkTally is what one such park cost.
type parkTally struct {
	reason  stream.Reason
	lost    int64 // of others' waits
	holds   int64 // in how many holds it was seen
	longest int64
	held    int64 // the length of those holds, as far as known
	blocked int64 // of held: what the longest park of each took
}

func (p *pass) waitTally(stack stream.StackID, lock lineID) *waitTally {
	t := p.waits[stack]
	if t == nil {
		t = &waitTally{lock: lock}
		p.waits[stack] = t
		if p.lines[lock] == nil {
			p.lines[lock] = new(lineTally)
		}
	}
	return t
}

// delay counts a wait: to the end of the span in which the goroutine was ready to go on,
// or, where the trace's end cut it off, of that in which it was parked.
func (p *pass) delay(t *waitTally, s *replay.Span) {
	nanos, parked := s.End-s.Since, s.Start-s.Since
	if s.State == stream.Waiting {
		parked = nanos
	}
	t.count++
	t.nanos += nanos
	t.max = max(t.max, nanos)
	t.parked += parked
	line := p.lines[t.lock]
	line.delays.Add(nanos)
	line.when.Add(s.Since, s.End, 1)
}

func (p *pass) holdTally(stack stream.StackID, unlock lineID) *holdTally {
	t := p.holds[stack]
	if t == nil {
		t = &holdTally{unlock: unlock}
		p.holds[stack] = t
	}
	return t
}

// tally charges one slice of a wait. Its unlock stack has a tally since its first
// wake, which came before any chain could lead to it.
func (p *pass) tally(lock lineID, waiter stream.StackID, s *slice) {
	if s.unlock == 0 {
		p.classes.of(lock).handover += s.to - s.from
		p.pair(pairKey{lock: lock}, replay.Pair{Waiter: waiter}, s.to-s.from)
		return
	}
	hold := p.holds[s.unlock]
	hold.nanos += s.to - s.from
	p.pair(pairKey{lock, hold.unlock}, replay.Pair{Waiter: waiter, Blamed: s.unlock}, s.to-s.from)
	if s.park.stack == 0 {
		return
	}
	if lost := min(s.to, s.park.end) - max(s.from, s.park.start); lost > 0 {
		p.parkTally(s.unlock, &s.park).lost += lost
	}
}

func (p *pass) parkTally(unlock stream.StackID, pk *park) *parkTally {
	key := parkKey{unlock, pk.stack}
	t := p.parks[key]
	if t == nil {
		t = &parkTally{reason: pk.reason}
		p.parks[key] = t
	}
	return t
}

// tallyHold counts a hold, once.
func (p *pass) tallyHold(root lineID, w *window, unlock stream.StackID) {
	c := p.classes.class[root]
	h := p.holds[unlock]
	h.count++
	c.held += w.end - w.start
	c.did.add(&w.did)
	if w.exact {
		c.hold.Add(w.end - w.start)
		h.held += w.end - w.start
		h.exact++
	} else {
		c.atHold = max(c.atHold, w.end-w.start)
	}
	if w.park.stack == 0 {
		return
	}
	t := p.parkTally(unlock, &w.park)
	t.holds++
	t.longest = max(t.longest, w.park.end-w.park.start)
	t.held += w.end - w.start
	t.blocked += min(w.park.end, w.end) - max(w.park.start, w.start)
}
