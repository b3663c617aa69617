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
	// Left counts locks beyond the first maxLocks.
	Left int `json:"left_out_count"`
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

// maxLocks is how many locks the page shows: more than a person reads. The snapshot has all.
const maxLocks = 500

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
	names := newResourceNames(s)
	for i, lock := range locks {
		if lock.Holders != nil && len(view.Locks) == maxLocks {
			view.Left++
		} else if lock.Holders != nil {
			lock.Resource, lock.Label = s.Resources[i], names.of(i)
			if lock.Waiters == nil {
				lock.Waiters = []snapshot.Goroutine{}
			}
			view.Locks = append(view.Locks, lock)
		}
	}
	return view
}

// resourceNames name resources, with their addresses where several share a name.
type resourceNames struct {
	s     *snapshot.Snapshot
	names []string
	count map[string]int
}

func newResourceNames(s *snapshot.Snapshot) *resourceNames {
	n := &resourceNames{s: s, names: make([]string, len(s.Resources)), count: make(map[string]int)}
	for i := range s.Resources {
		n.names[i] = s.Resources[i].String()
		n.count[n.names[i]]++
	}
	return n
}

func (n *resourceNames) of(i int) string {
	if name := n.names[i]; n.count[name] == 1 {
		return name
	}
	return n.names[i] + " at 0x" + strconv.FormatUint(n.s.Resources[i].Address, 16)
}
