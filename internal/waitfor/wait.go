package waitfor

import "github.com/concdoctor/concdoctor/internal/lockorder"

// Hold is a lock that a goroutine holds.
type Hold struct {
	Lock uint64
	Mode lockorder.Mode
	// Before vouches that the lock was taken before the registration with this
	// number was begun: one more than what Graph.Next was last published as, read
	// after the lock was taken. 0 vouches for nothing. It matters for shared holds only.
	Before uint64
}

// Wait is a goroutine that is about to block on a lock, or blocked. The caller
// fills the first five fields and leaves them alone while the wait is registered.
type Wait struct {
	Goroutine uint64
	Lock      uint64
	Mode      lockorder.Mode
	// Held is exactly what the goroutine holds. It releases none of it, and does
	// not release Lock either, before the wait is removed.
	Held []Hold
	// Tag is the caller's own.
	Tag any
	// Seq is the number of the registration, set by Add: 1 and up.
	Seq uint64

	registered bool
	slots      []int // slots[i] is where the lock of Held[i] has this wait in its holders
	// prev and next link the registered exclusive waits of one lock in the order of Seq.
	prev, next *Wait
}

// lock is what is known about one lock. It exists while a wait mentions it.
type lock struct {
	holders []heldBy
	// first and last are the registered exclusive waits for the lock with the
	// lowest and the highest Seq.
	first, last *Wait
	waits       int // registered waits for the lock, in any mode
}

// heldBy is the hold wait.Held[i].
type heldBy struct {
	wait *Wait
	i    int
}

func (h heldBy) mode() lockorder.Mode { return h.wait.Held[h.i].Mode }

// takenBefore returns a registration number such that the lock was taken before
// that registration was begun.
func (h heldBy) takenBefore() uint64 {
	if before := h.wait.Held[h.i].Before; before != 0 {
		return min(before, h.wait.Seq)
	}
	return h.wait.Seq
}

func (l *lock) addHolder(w *Wait, i int) {
	w.slots[i] = len(l.holders)
	l.holders = append(l.holders, heldBy{w, i})
}

// dropHolder removes the entry at slot by moving the last one there.
func (l *lock) dropHolder(slot int) {
	last := len(l.holders) - 1
	moved := l.holders[last]
	l.holders[slot] = moved
	moved.wait.slots[moved.i] = slot
	l.holders[last] = heldBy{}
	l.holders = l.holders[:last]
}

func (l *lock) addWait(w *Wait) {
	l.waits++
	if w.Mode != lockorder.Exclusive {
		return
	}
	w.prev = l.last
	if l.last == nil {
		l.first = w
	} else {
		l.last.next = w
	}
	l.last = w
}

func (l *lock) dropWait(w *Wait) {
	l.waits--
	if w.Mode != lockorder.Exclusive {
		return
	}
	if w.prev == nil {
		l.first = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		l.last = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.prev, w.next = nil, nil
}
