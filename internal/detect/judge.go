package detect

import (
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/judge/hang"
)

// analyze has the court judge the goroutines that have waited for a while. It reports
// whether a hang may be an accident of the moment, to be looked at again.
//
// Cycles of locks alone are the registry's, which has reported them in the moment in
// which they closed.
func (w *watch) analyze(settled []sighting, now time.Time, patience time.Duration) (doubt bool) {
	l := &look{watch: w, waitables: make(map[judge.Object]*waitable)}
	if !gid.Fast { // only a census knows which goroutines have ended
		if l.Census() == nil {
			return true
		}
	}
	all := &hang.Look{Knowledge: l, Enough: patience, LocksJudged: true}
	for i := range settled {
		all.Goroutines = append(all.Goroutines, l.goroutine(&settled[i], now))
	}
	for _, a := range w.abandonedHolds() {
		all.Left = append(all.Left, hang.Left{Hold: a.hold.fact(), By: a.by, Created: creation(a.creator)})
	}
	v := hang.Judge(all)
	for i := range v.Hangs {
		w.keep(&v.Hangs[i], settled)
	}
	w.suspect(settled, v.Suspects, now)
	return v.Again || len(v.Suspects) > 0
}

// keep keeps the finding of a hang whose members have not moved meanwhile.
func (w *watch) keep(h *hang.Hang, settled []sighting) {
	for _, i := range h.Members {
		if !settled[i].isStill() {
			return
		}
	}
	if w.reported == nil {
		w.reported = make(map[*Goroutine]uint64)
	}
	for _, i := range h.Members {
		w.reported[settled[i].g] = settled[i].turn
	}
	w.found = append(w.found, h.Finding())
}

// isStill reports whether the goroutine is in the same wait still.
func (s *sighting) isStill() bool { return s.g.blocked.turn.Load() == s.turn }

// suspicion is since when each look has found no goroutine that could end a wait.
type suspicion struct {
	turn  uint64
	since time.Time
}

// suspect notes which waits the court does not believe yet.
func (w *watch) suspect(settled []sighting, indexes []int, now time.Time) {
	suspects := make(map[*Goroutine]suspicion)
	for _, i := range indexes {
		s := &settled[i]
		at := suspicion{s.turn, now}
		if before, known := w.suspects[s.g]; known && before.turn == s.turn {
			at = before
		}
		suspects[s.g] = at
	}
	w.suspects = suspects
}

// look is the settled goroutines as the court wants them; it is their hang.Knowledge.
type look struct {
	*watch
	waitables map[judge.Object]*waitable
}

// pcs is a judge.Stack.
type pcs []uintptr

// Frames expands the program counters.
func (p pcs) Frames() finding.Stack { return callers.Expand(p) }

// creation is the stack of a go statement, nil if it is not known.
func creation(pc uintptr) judge.Stack {
	if pc == 0 {
		return nil
	}
	return pcs{pc}
}

func (h *hold) fact() judge.Hold {
	return judge.Hold{Lock: h.lock.origin, Mode: h.mode, Stack: pcs(h.stack[:]), Unowned: h.lock.origin.semaphore.Load()}
}

func (l *look) goroutine(s *sighting, now time.Time) hang.Goroutine {
	g := hang.Goroutine{ID: s.id, Created: creation(s.creator), Wait: l.wait(s, now), Reported: l.reported[s.g] == s.turn}
	for i := range s.holds {
		if h := &s.holds[i]; h.holdsStill() {
			g.Holds = append(g.Holds, h.fact())
		}
	}
	if s.owes != nil {
		g.Owes = &s.owes.own
	}
	if before, known := l.suspects[s.g]; known && before.turn == s.turn {
		g.Suspect = now.Sub(before.since)
	}
	return g
}

func (l *look) wait(s *sighting, now time.Time) *hang.Wait {
	w := &hang.Wait{Mode: s.findingMode(), Stack: pcs(s.stack[:]), Lasted: now.Sub(s.since), Join: s.op == opWaitGroup}
	if s.lock != nil {
		w.Cases, w.Unowned = []hang.Case{{Object: s.lock.origin, Mode: w.Mode}}, s.lock.origin.semaphore.Load()
		return w
	}
	for _, c := range s.cases {
		one := hang.Case{Mode: c.mode(s.op)}
		if one.External = c.subject == nil; c.subject != nil {
			one.Object = c.subject.origin
			l.waitables[c.subject.origin] = c.subject
		}
		w.Cases = append(w.Cases, one)
	}
	return w
}

var opModes = [...]finding.Mode{
	OpSend: finding.Send, OpReceive: finding.Receive, OpSelect: finding.Select, opWaitGroup: finding.Await, opCond: finding.Await,
}

func (s *sighting) findingMode() finding.Mode {
	if s.op == opLock {
		return judge.ModeOf(s.mode)
	}
	return opModes[s.op]
}

// mode is what a goroutine that waits in the op does to the case's subject.
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
	if c.Mode == finding.Send {
		at = Taking
	}
	users, many := s.sides[at].alive()
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
	if s.maker.g == nil {
		return nil, false
	}
	ids = []uint64{s.maker.id}
	for i := range s.sides {
		users, many := s.sides[i].alive()
		if many {
			return nil, false
		}
		for _, u := range users {
			ids = append(ids, u.id)
		}
	}
	return ids, true
}

// Census is hang.Knowledge's.
func (l *look) Census() *hang.Census {
	if c := l.takeCensus(); c != nil {
		return &c.Census
	}
	return nil
}
