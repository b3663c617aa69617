package httpagent

import (
	"strconv"

	"github.com/concdoctor/concdoctor/agent/snapshot"
)

// held is the page of locks that are held.
type held struct {
	Stacks bool       `json:"stacks"`
	Note   string     `json:"note,omitempty"`
	Locks  []heldLock `json:"locks"`
	Unread int        `json:"unread_goroutines_count"`
}

type heldLock struct {
	Label    string               `json:"label"`
	Resource snapshot.Resource    `json:"resource"`
	Holders  []holder             `json:"holders"`
	Waiters  []snapshot.Goroutine `json:"waiters"`
}

type holder struct {
	Goroutine snapshot.Goroutine `json:"goroutine"`
	Hold      snapshot.Hold      `json:"hold"`
}

func newHeld(s *snapshot.Snapshot) *held {
	view := &held{Stacks: s.Stacks, Note: s.Note, Locks: []heldLock{}, Unread: s.Unread}
	locks := make([]heldLock, len(s.Resources))
	for i := range s.Goroutines {
		g := &s.Goroutines[i]
		for _, h := range g.Holds {
			locks[h.Resource].Holders = append(locks[h.Resource].Holders, holder{*g, h})
		}
		if g.Wait != nil {
			for _, r := range g.Wait.Resources {
				locks[r].Waiters = append(locks[r].Waiters, *g)
			}
		}
	}
	for i, lock := range locks {
		if lock.Holders != nil {
			lock.Resource, lock.Label = s.Resources[i], label(s, i)
			if lock.Waiters == nil {
				lock.Waiters = []snapshot.Goroutine{}
			}
			view.Locks = append(view.Locks, lock)
		}
	}
	return view
}

// label names a resource, with its address if others share the name.
func label(s *snapshot.Snapshot, i int) string {
	name := s.Resources[i].String()
	for j := range s.Resources {
		if j != i && s.Resources[j].String() == name {
			return name + " at 0x" + strconv.FormatUint(s.Resources[i].Address, 16)
		}
	}
	return name
}
