package detect

import "github.com/concdoctor/concdoctor/internal/detect/goroutines"

// statesPerPurge is how many states are added by id between two purges.
const statesPerPurge = 1024

// purge drops the states by id of goroutines that have ended: idle does not drop those of
// goroutines that use no locks, but channels and the like.
func (t *states) purge() {
	ended := make(map[uint64]bool)
	t.byID.Range(func(id, _ any) bool { // before the dump, so that goroutines which start after it keep theirs
		ended[id.(uint64)] = true
		return true
	})
	all, complete := goroutines.Take()
	if !complete {
		return
	}
	for _, g := range all {
		delete(ended, g.ID)
	}
	for id := range ended {
		t.byID.Delete(id)
	}
}
