package verdict

import (
	"testing"

	"github.com/concdoctor/concdoctor/internal/judge/hang"
	"github.com/concdoctor/concdoctor/internal/zerotouch/naming"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// TestCrowd has so many goroutines wait at one channel, each with a lock of its own, that
// whatever looks at each pair of them would not end.
func TestCrowd(t *testing.T) {
	const many = 100_000
	gate := tape.Object{ID: 1, Addr: 0x1000, Kind: tape.Chan}
	all := &tape.Tape{Now: 1e12, End: tape.Exited, Goroutines: []tape.Goroutine{{ID: mainID}}}
	for i := range uint64(many) {
		own := tape.Object{ID: i + 2, Addr: 0x2000 + 8*i, Kind: tape.Mutex}
		all.Goroutines = append(all.Goroutines, tape.Goroutine{
			ID: i + mainID + 1, Parent: mainID, Created: at("main.start"),
			Held: []tape.Hold{{Object: own, Stack: at("main.take")}},
			Wait: &tape.Wait{Kind: tape.Chan, Cases: []tape.Case{{Object: gate, Side: tape.Recv}}, Stack: at("main.wait")},
		})
		all.Uses = append(all.Uses, tape.Use{Goroutine: i + mainID + 1, Object: gate, Side: tape.Recv, Stack: at("main.wait")})
	}
	s := newScene(all, new(naming.Namer))
	if found := s.hangs(DefaultSelfWait); len(found) != 0 {
		t.Errorf("%d hangs of a crowd that is idle, first %q", len(found), found[0].Title)
	}
	lost := 0
	for _, stuck := range hang.Stuck(s.look(true, 0)) {
		if stuck {
			lost++
		}
	}
	if lost != many {
		t.Errorf("%d of %d wait for nobody", lost, many)
	}
}
