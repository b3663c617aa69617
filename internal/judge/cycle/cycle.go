package cycle

import (
	"fmt"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// Site is a place where a goroutine acquired a lock or asked for one, as its witness
// keeps it in a graph.
type Site interface {
	judge.Stack
	// Lock is the lock that is acquired or asked for there.
	Lock() judge.Object
	// Created is the go statement of the goroutine; zero if it is not known.
	Created() finding.Frame
	// Via is the goroutine that makes the request in place of the one that holds the locks
	// and waits for it; 0 if they are one.
	Via() uint64
	// Unowned is judge.Hold's.
	Unowned() bool
}

// Cycle is a deadlock that could happen.
type Cycle[S Site] struct {
	lockorder.Cycle[S]
	// Semaphores are those among its locks.
	Semaphores []Semaphore
}

// Finding returns the diagnosis. The locks of the cycle are listed in the order that the
// fix proposes: A, B, C.
func (c Cycle[S]) Finding() finding.Finding {
	w := writer[S]{ring: c.Order()}
	for _, id := range w.ring {
		held := c.hold(id)
		w.locks.Of(held.Site.Lock(), judge.ModeOf(held.Mode), held.Site.Frames())
	}
	var ring []finding.Goroutine
	f := finding.Finding{Rule: finding.RuleLockCycle, Certainty: c.certainty()}
	f.Severity = judge.SeverityOf(f.Certainty)
	for i := range c.Deps {
		ring = append(ring, w.goroutine(&c.Deps[i]))
		f.Goroutines = append(f.Goroutines, ring[i])
		if c.Writers != nil && c.Writers[i].Lock != 0 {
			f.Goroutines = append(f.Goroutines, w.goroutine(&c.Writers[i]))
		}
	}
	f.Resources = w.locks.List
	if len(ring) == 1 {
		judge.DescribeRecursion(&f, outcome(f.Certainty), judge.CouldWait)
	} else {
		c.describe(&f, ring)
	}
	f.Detail += c.permits() + c.delegations() + c.doubt()
	return f
}

// describe is for cycles of more than one goroutine.
func (c Cycle[S]) describe(f *finding.Finding, ring []finding.Goroutine) {
	f.Title = title(ring, outcome(f.Certainty))
	f.Detail = "Scheduled at the same time, each of these goroutines can end up waiting for the next one."
	if c.Writers != nil {
		f.Detail += " A reader does not wait for a reader, but it waits behind a writer that waits for one."
	}
	f.Fix = judge.OrderFix(ring, ring[c.Odd])
	f.Coffman = judge.Coffman(f.Resources, f.Goroutines, judge.CouldWait)
	judge.DescribeRing(f, f.Resources, outcome(f.Certainty))
}

// outcome is what becomes of the goroutines.
func outcome(c finding.Certainty) string {
	if c == finding.Suspected {
		return "might deadlock"
	}
	return "can deadlock"
}

// title names the places that ask. Where one line of code asks in every order (two
// accounts, each way), it names where that code acquires both.
func title(ring []finding.Goroutine, outcome string) string {
	n := len(ring)
	if first := ring[0]; judge.SameSite(ring) {
		held := first.Holds[len(first.Holds)-1].Stack.Site()
		return fmt.Sprintf("%s and %s %s: they acquire %d locks in conflicting orders", held, first.Wait.Stack.Site(), outcome, n)
	}
	if n == 2 {
		return fmt.Sprintf("%s %s: they acquire the same two locks in opposite orders", judge.Sites(ring), outcome)
	}
	return fmt.Sprintf("%s %s: they acquire %d locks in a cycle", judge.Sites(ring), outcome, n)
}

func (c Cycle[S]) certainty() finding.Certainty {
	if c.Apart || c.isUnowned() || !c.isCrowded() {
		return finding.Suspected
	}
	return finding.Potential
}

// isUnowned reports whether a hold that the cycle rests on may be ended by a goroutine
// that does not hold the lock.
func (c Cycle[S]) isUnowned() bool {
	for _, id := range c.Order() {
		if h := c.hold(id); h.Site.Unowned() {
			return true
		}
	}
	return false
}

// hold returns how a lock of the cycle is held by the goroutine that the others wait for.
func (c Cycle[S]) hold(id lockorder.LockID) (h lockorder.Held[S]) {
	for i := range c.Deps {
		for _, h := range c.Deps[i].Held {
			if h.Lock == id {
				return h
			}
		}
	}
	return h
}

// doubt says why the sides may never meet.
func (c Cycle[S]) doubt() (text string) {
	if c.isUnowned() {
		text += " One of the locks, or another lock acquired at the same place, was released by a goroutine that did not hold it: it may serve as a signal."
	}
	if c.Apart {
		text += " As far as was recorded, the program keeps the two sides apart: a go statement, a wait group, a channel or the order of tests puts one before the other."
	}
	return text
}

// delegations says which requests are made by other goroutines than those that hold the locks.
func (c Cycle[S]) delegations() (text string) {
	for _, d := range c.Deps {
		if via := d.Site.Via(); via != 0 {
			text += fmt.Sprintf(" Goroutine %d requests the lock through goroutine %d, which it started and waits for while it holds its own locks.", d.Goroutine, via)
		}
	}
	return text
}

// writer collects the parts of a finding.
type writer[S Site] struct {
	ring  []lockorder.LockID
	locks judge.Resources
}

func (w *writer[S]) goroutine(d *lockorder.Dependency[S]) finding.Goroutine {
	g := finding.Goroutine{ID: d.Goroutine, Created: d.Site.Created()}
	for i := range d.Held {
		if slices.Contains(w.ring, d.Held[i].Lock) { // the others have no part in the cycle
			g.Holds = append(g.Holds, w.hold(&d.Held[i]))
		}
	}
	at, mode := d.Site.Frames(), judge.ModeOf(d.Mode)
	g.Wait = &finding.Wait{Resource: w.locks.Of(d.Site.Lock(), mode, at), Mode: mode, Stack: at.Trim()}
	return g
}

func (w *writer[S]) hold(h *lockorder.Held[S]) finding.Hold {
	return w.locks.Hold(&judge.Hold{Lock: h.Site.Lock(), Mode: h.Mode, Stack: h.Site})
}
