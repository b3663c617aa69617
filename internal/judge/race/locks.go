package race

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// advice says what the locks show, and what to change.
func (r *Race) advice() (detail, fix string) {
	a, b := &r.Later, &r.Earlier
	if a.Atomic != b.Atomic {
		if a.Atomic {
			a = b
		}
		return "One access is atomic, and the other is not: that orders nothing.",
			fmt.Sprintf("use sync/atomic at %s too; or guard both accesses by one lock", a.place())
	}
	if !a.LocksKnown || !b.LocksKnown || len(a.Goroutine.Stack) == 0 || len(b.Goroutine.Stack) == 0 {
		return "", finding.RuleDataRace.Fix()
	}
	if lock, writer := r.sharedOnly(); lock != nil {
		return fmt.Sprintf("Both hold %s, %s for reading only, which does not exclude other readers.", lock.Resource, writer.place()),
			fmt.Sprintf("acquire %s with Lock, not RLock, where %s writes", lock.Resource, writer.place())
	}
	switch {
	case len(a.Locks) > 0 && len(b.Locks) > 0:
		if r.common() {
			return "", finding.RuleDataRace.Fix()
		}
		return fmt.Sprintf("%s holds %s and %s holds %s: different locks do not exclude each other.", a.place(), a.names(), b.place(), b.names()),
			fmt.Sprintf("hold the same lock at both accesses: choose %s or %s", a.last().Resource, b.last().Resource)
	case len(a.Locks) == 0 && len(b.Locks) == 0:
		return "", finding.RuleDataRace.Fix()
	case len(a.Locks) == 0:
		a, b = b, a
	}
	return fmt.Sprintf("%s holds %s; %s holds no lock.", a.place(), a.names(), b.place()),
		fmt.Sprintf("acquire %s around the access at %s too, as %s does", a.last().Resource, b.place(), a.place())
}

// last is the lock that was acquired last, which is the one that most likely guards what is
// accessed under it.
func (a *Access) last() *Lock { return &a.Locks[len(a.Locks)-1] }

// names lists the locks that the goroutine holds.
func (a *Access) names() string {
	text := ""
	for i, l := range a.Locks {
		switch {
		case i > 0 && i == len(a.Locks)-1:
			text += " and "
		case i > 0:
			text += ", "
		}
		text += l.Resource.String()
		if l.Mode == finding.Shared {
			text += " for reading"
		}
	}
	return text
}

// sharedOnly returns a lock that both hold, and one of them that writes under a read lock.
func (r *Race) sharedOnly() (*Lock, *Access) {
	for i := range r.Later.Locks {
		for j := range r.Earlier.Locks {
			a, b := &r.Later.Locks[i], &r.Earlier.Locks[j]
			switch {
			case a.Object != b.Object || a.Mode != finding.Shared && b.Mode != finding.Shared:
			case r.Later.Write && a.Mode == finding.Shared:
				return a, &r.Later
			case r.Earlier.Write && b.Mode == finding.Shared:
				return b, &r.Earlier
			}
		}
	}
	return nil, nil
}

// common reports whether both hold one lock: then what orders them has escaped the witness of locks.
func (r *Race) common() bool {
	for _, a := range r.Later.Locks {
		for _, b := range r.Earlier.Locks {
			if a.Object == b.Object {
				return true
			}
		}
	}
	return false
}
