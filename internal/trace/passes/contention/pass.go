package contention

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// pass is the state of the analysis.
type pass struct {
	tr      *replay.Trace
	classes classes
	hist    replay.PerG[*history]
	unused  []*history // of goroutines that ended

	waits map[stream.StackID]*waitTally
	lines map[lineID]*lineTally
	holds map[stream.StackID]*holdTally
	parks map[parkKey]*parkTally
	pairs map[pairKey]*replay.Pair
	own   map[lineID]*ownUnlock
	ifs   map[lineID]*whatIf // by unlock line
	// atEnd is what goroutines that dealt with locks did at the trace's end.
	atEnd map[uint64]lastState

	// running, runnable and waited are user goroutines' time: what was there to lose.
	running, runnable, waited int64
}

// New returns the pass of the contention family.
func New(tr *replay.Trace) replay.Pass {
	p := &pass{
		tr:      tr,
		classes: newClasses(),
		waits:   make(map[stream.StackID]*waitTally),
		lines:   make(map[lineID]*lineTally),
		holds:   make(map[stream.StackID]*holdTally),
		parks:   make(map[parkKey]*parkTally),
		pairs:   make(map[pairKey]*replay.Pair),
		own:     make(map[lineID]*ownUnlock),
		ifs:     make(map[lineID]*whatIf),
		atEnd:   make(map[uint64]lastState),
	}
	return replay.Pass{
		Name:      "contention",
		LongCalls: minPark,
		States:    stream.Runnable.Set() | stream.Waiting.Set() | stream.Syscall.Set(),
		Change:    p.stops,
		To:        stream.Waiting.Set(),
		Span:      p.span,
		Open:      p.open,
		Exit:      p.exit,
		Finish:    func(rep *finding.Report) { p.finish(rep) },
	}
}

// history returns the goroutine's, made if it has none. Its locking may be nil.
func (p *pass) history(g *replay.Goroutine) *history {
	h := p.hist.At(g)
	if *h == nil {
		if n := len(p.unused); n > 0 {
			*h, p.unused = p.unused[n-1], p.unused[:n-1]
		} else {
			*h = new(history)
		}
	}
	return *h
}

// atLock returns the history of a goroutine that waits for a lock or unlocks one.
func (p *pass) atLock(g *replay.Goroutine) *history {
	h := p.history(g)
	if h.locking == nil {
		h.locking = new(locking)
	}
	return h
}

// settle counts what a goroutine ran when it is over: spans of running would be a
// third of all.
func (p *pass) settle(g *replay.Goroutine) {
	if !g.System {
		p.running += g.Spent[replay.Running]
	}
}

func (p *pass) exit(g *replay.Goroutine) {
	p.settle(g)
	h := *p.hist.At(g)
	if h == nil {
		return
	}
	h.parks, h.oldest = h.parks[:0], 0
	if d := h.locking; d != nil {
		clean := locking{}
		for i := range d.waits {
			clean.waits[i].slices = d.waits[i].slices[:0]
		}
		p.finished(d.saved)
		clean.saved = d.saved[:0]
		*d = clean
	}
	p.unused = append(p.unused, h)
	p.hist.Clear(g)
}

// stops sees a wait for a lock begin: spans come at their end.
func (p *pass) stops(g *replay.Goroutine, ev *stream.Event) {
	if !ev.Reason.IsLock() || ev.Stack == 0 || g.System {
		return
	}
	h := p.atLock(g)
	h.waiting = p.lockLine(ev.Stack, ev.Reason)
	p.classes.of(h.waiting).wait(p.moment(), 1)
}

// moment is the time of the current event.
func (p *pass) moment() moment {
	return moment{p.tr.Now, p.tr.RanAll()}
}

func (p *pass) lockLine(stack stream.StackID, r stream.Reason) lineID {
	return p.classes.id(line{p.tr.Site(stack), false, kindOf(r), r == stream.RWRead})
}

func (p *pass) unlockLine(stack stream.StackID, k kind) lineID {
	return p.classes.id(line{p.tr.Site(stack), true, k, k == rwmutex && p.isRead(stack)})
}

func (p *pass) span(s *replay.Span) {
	if s.G.System {
		return
	}
	switch s.State {
	case stream.Runnable:
		p.ready(s)
	case stream.Syscall:
		p.parked(s, false)
	case stream.Waiting:
		if s.Reason.IsLock() {
			p.woken(s)
		} else {
			p.parked(s, false)
			p.meet(s)
		}
	}
}

// parked remembers what the goroutine may have done under a lock.
func (p *pass) parked(s *replay.Span, ready bool) {
	if s.Nanos() >= minPark && !s.FromStart {
		ready = ready || !blocks(s.Reason) && s.Reason != stream.Cond
		p.history(s.G).parked(park{start: s.Start, end: s.End, stack: s.Stack, reason: s.Reason, ready: ready})
	}
}

// blocks reports whether a wait is the goroutine's own choice, and not to be done
// under a lock.
func blocks(r stream.Reason) bool { return r.IsIO() || r.IsChannel() || r == stream.WaitGroup }

// ready ends the delay of a wait for a lock, and counts what others spent ready.
func (p *pass) ready(s *replay.Span) {
	p.parked(s, true)
	if !s.Reason.IsLock() || s.Since == s.Start {
		p.runnable += s.Nanos()
		return
	}
	p.waited += s.End - s.Since
	if t := p.waits[s.Stack]; t != nil {
		p.delay(t, s)
		p.pair(pairKey{lock: t.lock}, replay.Pair{Waiter: s.Stack}, s.Nanos())
	}
	if h := *p.hist.At(s.G); h != nil && h.locking != nil && h.waits[keptWaits-1].end == s.Start {
		h.waits[keptWaits-1].ran = s.End
	}
}

// woken resolves a wait for a lock at the moment of the unlock that ended it.
func (p *pass) woken(s *replay.Span) {
	if s.Stack == 0 {
		return // blocked since before the trace: its line is not known
	}
	h := p.atLock(s.G)
	lock := p.lockLine(s.Stack, s.Reason)
	if h.waiting != 0 {
		p.classes.of(h.waiting).wait(p.moment(), -1)
		h.waiting = 0
	}
	p.waitTally(s.Stack, lock)
	again := p.lostRace(h, lock, s.Start)
	w := h.waited()
	w.lock, w.start, w.end = lock, s.Start, s.End
	if s.Waker == nil || s.WakerStack == 0 || s.Waker.System {
		return
	}
	p.charge(s, w)
	if !again {
		p.order(p.classes.of(lock), s)
	}
}

// lostRace reports whether the wait for a lock that began at start goes on with the
// same call's last one: the goroutine had been woken, another one was faster, and it
// parked again.
func (p *pass) lostRace(h *history, lock lineID, start int64) bool {
	last := &h.waits[keptWaits-1]
	if last.lock != lock || last.ran == 0 || start-last.ran > retry {
		return false
	}
	r := &h.release
	return r.lock == 0 || r.at < last.ran || p.classes.find(r.lock) != p.classes.find(lock)
}

// charge finds out what is to blame for the wait w of s.G.
func (p *pass) charge(s *replay.Span, w *resolved) {
	at := p.unlockLine(s.WakerStack, p.classes.lines[w.lock].kind)
	holder := p.atLock(s.Waker)
	p.matchOwn(holder, at)
	root := p.classes.join(w.lock, at, p.moment())
	p.holdTally(s.WakerStack, at).wakes++
	win, fresh := p.holdWindow(holder, root, s)
	own := slice{unlock: s.WakerStack, park: win.park}
	w.slices = holder.blame(w.slices, &p.classes, blamed{root, s.Start, s.End, own})
	for i := range w.slices {
		p.tally(w.lock, s.Stack, &w.slices[i])
	}
	if fresh {
		p.tallyHold(root, &win, s.WakerStack)
	}
	c := p.classes.class[root]
	ended := wake{at: at, holder: holder, waiter: p.atLock(s.G), waited: s.Nanos()}
	if fresh {
		ended.halfHold = (win.end - win.start) / 2
	}
	p.replay(c, ended)
	c.woken++
	c.lastWake, c.lastBy, c.granted = s.End, s.Waker.ID, s.G.ID
	c.unlocked(unlock{s.End, s.WakerStack, win.park})
	holder.release = release{at: s.End, lock: at, unlock: s.WakerStack, window: win}
}

// holdWindow returns the window of the hold that has just ended, and whether this
// is the first wake that shows it.
func (p *pass) holdWindow(holder *history, root lineID, s *replay.Span) (window, bool) {
	if r := &holder.release; r.lock != 0 && r.unlock == s.WakerStack && s.End-r.at < sameUnlock && p.classes.find(r.lock) == root &&
		p.classes.lines[root].kind == rwmutex {
		return r.window, false
	}
	return holder.window(&p.classes, root, s), true
}

// order keeps the class's record of wakes and of those out of order. Only the first
// wake of a Lock counts: the goroutine that loses the race for the lock goes to the queue's head, or
// to its tail if its semaphore was taken, and its second wait shows no order.
func (p *pass) order(c *class, s *replay.Span) {
	if s.Reason == stream.RWWrite {
		return // an RWMutex has several queues; its readers' is in order
	}
	c.wakes++
	if s.Start < c.lastWoken-queueJitter {
		c.outOfOrder++
	}
	c.lastWoken = s.Start
}

// open counts a wait that the trace's end cut off: no unlock is to blame for it yet.
func (p *pass) open(s *replay.Span) {
	p.settle(s.G)
	if h := *p.hist.At(s.G); h != nil && h.locking != nil {
		p.finished(h.saved)
		p.atEnd[s.G.ID] = lastState{s.State, s.Reason, s.Stack, s.Start}
	}
	switch {
	case s.G.System:
	case s.State == stream.Runnable:
		p.runnable += s.Nanos()
	case s.State == stream.Waiting && s.Reason.IsLock() && s.Stack != 0:
		t := p.waitTally(s.Stack, p.lockLine(s.Stack, s.Reason))
		p.delay(t, s)
		if t.open == 0 || s.Start < t.openSince {
			t.openSince = s.Start
		}
		t.open++
		p.waited += s.Nanos()
	}
}
