package judge

import "github.com/concdoctor/concdoctor/agent/finding"

// Resources collects the resources of a finding. The zero value is empty.
type Resources struct {
	index map[Object]int
	// List has each object once, in the order in which they came.
	List []finding.Resource
}

// Of returns the index of the object, which is used in the mode at the stack. Nil stands
// for a channel of which nothing is known: each is a resource of its own.
func (r *Resources) Of(o Object, as finding.Mode, at finding.Stack) int {
	if o == nil {
		r.List = append(r.List, finding.Resource{Kind: finding.Channel})
		return len(r.List) - 1
	}
	if i, known := r.index[o]; known {
		if r.List[i].Name == "" {
			r.List[i].Name = o.Resource(as, at).Name
		}
		return i
	}
	if r.index == nil {
		r.index = make(map[Object]int)
	}
	i := len(r.List)
	r.index[o] = i
	r.List = append(r.List, o.Resource(as, at))
	return i
}

// Has reports whether the object is among the resources.
func (r *Resources) Has(o Object) bool {
	_, known := r.index[o]
	return known
}

// Hold shows a lock that is held.
func (r *Resources) Hold(h *Hold) finding.Hold {
	at, mode := Expand(h.Stack), ModeOf(h.Mode)
	return finding.Hold{Resource: r.Of(h.Lock, mode, at), Mode: mode, Stack: at.Trim()}
}
