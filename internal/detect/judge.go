package detect

import (
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/judge/hang"
)

// judge has the court judge the goroutines that have been blocked for a while. It reports
// whether a hang may be only of the moment, and needs another scan.
//
// The registry has reported cycles of locks alone when they closed.
func (sc *scanner) judge(settled, younger []reading, now time.Time, patience time.Duration) (doubt bool) {
	l := &look{scanner: sc, waitables: make(map[judge.Object]*waitable), given: make(map[givenHold]bool)}
	if !gid.Fast { // only a census knows which goroutines have ended
		if l.Census() == nil {
			return true
		}
	}
	all := &hang.Look{Knowledge: l, Enough: patience, LocksJudged: true}
	unseen, ok := l.holders(now, patience)
	if !ok {
		return true
	}
	waits := slices.Concat(settled, unseen)
	if sc.census != nil && sc.census.proven {
		waits = l.withLost(waits, younger)
	}
	l.addGiven(all, waits)
	for i := range waits {
		all.Goroutines = append(all.Goroutines, l.goroutine(&waits[i], now))
	}
	for _, a := range sc.abandonedHolds() {
		all.Left = append(all.Left, hang.Left{Hold: a.hold.fact(), By: a.by, Created: creation(a.creator)})
	}
	v := hang.Judge(all)
	for i := range v.Hangs {
		sc.keep(&v.Hangs[i], waits)
	}
	sc.suspect(waits, v.Suspects, now)
	return v.Again || len(v.Suspects) > 0
}

// keep keeps the finding about a hang whose members have not moved since.
func (sc *scanner) keep(h *hang.Hang, waits []reading) {
	for _, i := range h.Members {
		if !waits[i].isStill() {
			return
		}
	}
	if sc.reported == nil {
		sc.reported, sc.lost = make(map[*Goroutine]uint64), make(map[uint64]bool)
	}
	for _, i := range h.Victims() {
		sc.markHung(waits[i].g, waits[i].turn)
	}
	for _, i := range h.Members {
		switch s := &waits[i]; {
		case s.unseen == nil:
			sc.reported[s.g] = s.turn
		case s.unseen.Leaked:
			sc.lost[s.id] = true
		}
	}
	sc.found = append(sc.found, h.Finding())
}

// isStill reports whether the goroutine is still in the same wait. One that the engine does
// not see wait is there if no other goroutine can wake it, or if it holds the same locks.
func (s *reading) isStill() bool {
	if s.unseen == nil {
		return s.g.blocked.turn.Load() == s.turn
	}
	if s.unseen.Leaked {
		return true
	}
	now, ok := s.g.readRunning()
	return ok && now.id == s.id && slices.Equal(now.holds, s.holds)
}

// isReported reports whether the wait was part of a reported hang.
func (sc *scanner) isReported(s *reading) bool {
	if s.unseen != nil {
		return sc.lost[s.id]
	}
	return sc.reported[s.g] == s.turn
}

// markHung notes that the wait is part of a hang, or lasts because of one.
func (sc *scanner) markHung(g *Goroutine, turn uint64) {
	if g == nil {
		return
	}
	sc.mu.Lock()
	defer sc.mu.Unlock()
	if sc.hung == nil {
		sc.hung = make(map[*Goroutine]uint64)
	}
	sc.hung[g] = turn
}

// isHung reports whether the wait was marked.
func (sc *scanner) isHung(s *reading) bool {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	return sc.hung[s.g] == s.turn
}

// suspicion is the time since which no scan has found a goroutine that could end a wait.
type suspicion struct {
	turn  uint64
	since time.Time
}

// suspect notes the waits for which the court wants more scans.
func (sc *scanner) suspect(waits []reading, indexes []int, now time.Time) {
	suspects := make(map[*Goroutine]suspicion)
	for _, i := range indexes {
		s := &waits[i]
		at := suspicion{s.turn, now}
		if before, known := sc.suspects[s.g]; known && before.turn == s.turn {
			at = before
		}
		suspects[s.g] = at
	}
	sc.suspects = suspects
}

// look is a scan as the court sees it; it is the hang.Knowledge about the goroutines.
type look struct {
	*scanner
	waitables map[judge.Object]*waitable
	given     map[givenHold]bool // see addGiven
}

// pcs is a judge.Stack.
type pcs []uintptr

// Frames expands the program counters.
func (p pcs) Frames() finding.Stack { return callers.Expand(p) }

// creation returns the stack of a go statement, nil if it is not known.
func creation(pc uintptr) judge.Stack {
	if pc == 0 {
		return nil
	}
	return pcs{pc}
}

func (h *hold) fact() judge.Hold {
	return judge.Hold{Lock: h.lock.description, Mode: h.mode, Stack: pcs(h.stack[:]), Unowned: h.lock.description.mayEndElsewhere(h.stack[:])}
}

func (l *look) goroutine(s *reading, now time.Time) hang.Goroutine {
	g := l.plain(s)
	g.Wait, g.Reported = l.wait(s, now), l.isReported(s)
	if s.unseen != nil {
		g.Suspect = g.Wait.Lasted
		return g
	}
	if before, known := l.suspects[s.g]; known && before.turn == s.turn {
		g.Suspect = now.Sub(before.since)
	}
	return g
}

// plain is a goroutine without its wait.
func (l *look) plain(s *reading) hang.Goroutine {
	g := hang.Goroutine{ID: s.id, Parent: s.parent, Created: creation(s.creator)}
	l.addProof(&g)
	for i := range s.holds {
		h := &s.holds[i]
		if !h.isValid() || l.given[givenHold{h.lock, s.id}] {
			continue
		}
		fact := h.fact()
		if !h.isWhole() && l.census != nil && l.census.byID[s.id] != nil {
			fact.Stack = judge.Frames(withRest(judge.Expand(fact.Stack), l.census.byID[s.id].Stack))
		}
		g.Holds = append(g.Holds, fact)
	}
	if s.owes != nil {
		g.Owes = &s.owes.own
	}
	return g
}

func (l *look) wait(s *reading, now time.Time) *hang.Wait {
	if s.unseen != nil {
		w := unseenWait(s.unseen)
		if !s.since.IsZero() {
			w.Lasted = now.Sub(s.since)
		}
		return w
	}
	w := &hang.Wait{Mode: s.findingMode(), Stack: pcs(s.stack[:]), Lasted: now.Sub(s.since), Join: s.op == opWaitGroup}
	if s.lock != nil {
		w.Cases, w.Unowned = []hang.Case{{Object: s.lock.description, Mode: w.Mode}}, s.lock.description.ownerless.Load()
		return w
	}
	for _, c := range s.cases {
		one := hang.Case{Mode: c.mode(s.op)}
		if one.External = c.waitable == nil; c.waitable != nil {
			one.Object = c.waitable.description
			l.waitables[c.waitable.description] = c.waitable
		}
		w.Cases = append(w.Cases, one)
	}
	if w.Join {
		w.Dones = s.dones
	}
	return w
}

var opModes = [...]finding.Mode{
	OpSend: finding.Send, OpReceive: finding.Receive, OpSelect: finding.Select, opWaitGroup: finding.Await, opCond: finding.Await,
}

func (s *reading) findingMode() finding.Mode {
	if s.op == opLock {
		return judge.ModeOf(s.mode)
	}
	return opModes[s.op]
}

// mode is what a goroutine blocked in the op does to the waitable of the case.
func (c *WaitCase) mode(op WaitOp) finding.Mode {
	switch {
	case op == opWaitGroup || op == opCond:
		return finding.Await
	case c.at == Taking:
		return finding.Send
	}
	return finding.Receive
}

// Users is hang.Knowledge's.
func (l *look) Users(c hang.Case) hang.Users {
	s, at := l.waitables[c.Object], Giving
	if s == nil {
		return l.unseenUsers(c.Object)
	}
	if c.Mode == finding.Send {
		at = Taking
	}
	users, many := s.sides[at].living()
	u := hang.Users{
		More: many, Ever: s.sides[at].ever(), Alike: s.usage.alike(at), Owed: s.group != nil && !s.group.anonymous.Load(),
	}
	for _, user := range users {
		if gid.Fast || l.census.lives(user.id) {
			u.Living = append(u.Living, user.id)
		}
	}
	if s.lost != nil && s.lost.isSet() {
		u.Lost = s.lost
	}
	return u
}

// Origins is hang.Knowledge's.
func (l *look) Origins(o judge.Object) (ids []uint64, known bool) {
	s := l.waitables[o]
	if s == nil || s.maker.g == nil {
		return nil, false
	}
	ids = []uint64{s.maker.id}
	for i := range s.sides {
		users, many := s.sides[i].living()
		if many {
			return nil, false
		}
		for _, u := range users {
			ids = append(ids, u.id)
		}
	}
	return ids, true
}

// Services is hang.Knowledge's: a running service has no source.
func (l *look) Services(*hang.Goroutine, hang.Case) (ids []uint64, known bool) { return nil, false }

// Unserved is hang.Knowledge's: there is no source here.
func (l *look) Unserved([]uint64) []uint64 { return nil }

// Census is hang.Knowledge's.
func (l *look) Census() *hang.Census {
	if c := l.takeCensus(); c != nil {
		return &c.Census
	}
	return nil
}
