//go:build !concdoctor_off

package detect_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/internal/detect"
)

//go:noinline
func takeAgainst(l locker) { l.Lock() }

// TestOneWrongPlaceIsOneReport has a long order and one place that goes against it,
// which closes a ring with every way through the order.
func TestOneWrongPlaceIsOneReport(t *testing.T) {
	detect.ResetForTest(t)
	locks := make([]locker, 5)
	for i := range locks {
		locks[i] = new(agent.Mutex)
	}
	var inOrder []func()
	for i := range locks {
		for j := i + 1; j < len(locks); j++ {
			inOrder = append(inOrder, nest(locks[i], locks[j]))
		}
	}
	run(inOrder...)
	run(func() {
		takeFirst(locks[len(locks)-1])
		takeAgainst(locks[0])
		locks[0].Unlock()
		locks[len(locks)-1].Unlock()
	})
	want := []brief{{"lock-cycle", "potential", []string{"takeFirst", "takeFirst"}, []string{"takeAgainst", "takeSecond"}}}
	if diff := cmp.Diff(want, briefs(held(t))); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}
