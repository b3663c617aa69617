package detect

import "github.com/concdoctor/concdoctor/internal/detect/goroutines"

// statesPerPurge is how many new states by id there are between two looks for those
// whose goroutines have ended.
const statesPerPurge = 1024

// purge drops the states by id of goroutines that have ended: those of goroutines that
// use channels and the like are not dropped by idle.
func (t *states) purge() {
	ended := make(map[uint64]bool)
	t.byID.Range(func(id, _ any) bool { // before the dump: who begins after it stays
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
