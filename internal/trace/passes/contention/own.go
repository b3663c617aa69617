package contention

import (
	"strings"

	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// fewOwn is how often a goroutine must have waited at one line and then unlocked, in
// the same function, at one and the same other line.
const fewOwn = 3

// ownUnlock is where goroutines that waited at a Lock line of an RWMutex unlocked later.
type ownUnlock struct {
	unlock lineID
	count  int
	mixed  bool
}

// matchOwn joins the line at which the holder of an RWMutex waited for it with the one
// at which it unlocks now. Without that, readers that only ever wait for writers and
// writers that only ever wait for readers would be two classes: the line of a Lock
// meets RUnlock lines alone, and that of an RLock meets Unlock lines.
func (p *pass) matchOwn(holder *history, at lineID) {
	w := &holder.waits[keptWaits-1]
	if p.classes.lines[at].kind != rwmutex || w.lock == 0 || holder.release.at > w.end || !p.together(w.lock, at) {
		return
	}
	own := p.own[w.lock]
	if own == nil {
		own = &ownUnlock{unlock: at}
		p.own[w.lock] = own
	}
	own.mixed = own.mixed || own.unlock != at
	if own.count++; own.count == fewOwn && !own.mixed {
		p.classes.join(w.lock, at, p.moment())
	}
}

// together reports whether the two lines lock and unlock in the same way in the same
// function.
func (p *pass) together(lock, unlock lineID) bool {
	l, u := &p.classes.lines[lock], &p.classes.lines[unlock]
	return l.kind == u.kind && l.read == u.read && p.tr.Frame(l.frame).Func == p.tr.Frame(u.frame).Func
}

// isRead reports whether the stack is one of RUnlock.
func (p *pass) isRead(stack stream.StackID) bool {
	for _, id := range p.tr.FrameIDs(stack) {
		f := p.tr.Frame(id)
		if !f.Machinery {
			return false
		}
		if strings.HasPrefix(f.Func, "sync.(*RWMutex).RUnlock") || strings.HasPrefix(f.Func, "sync.(*RWMutex).rUnlock") {
			return true
		}
	}
	return false
}
