//go:build !concdoctor_off

package detect_test

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect"
)

type row struct{ mu agent.Mutex }

//go:noinline
func lockRow(r *row) { r.mu.Lock() }

//go:noinline
func both(first, second *row) {
	lockRow(first)
	lockRow(second)
	second.mu.Unlock()
	first.mu.Unlock()
}

// apart runs f in a goroutine of its own, of which the agent knows no order with others.
func apart(f func()) {
	var done sync.WaitGroup
	done.Add(1)
	go func() { defer done.Done(); f() }()
	done.Wait()
}

// table is many locks of one class, and what is requested of them.
type table struct {
	rows []row
	rng  *rand.Rand
}

func newTable(n int) *table { return &table{make([]row, n), rand.New(rand.NewPCG(1, 2))} }

// pair locks two rows in the order of the table.
func (t *table) pair() {
	i, j := t.rng.IntN(len(t.rows)), t.rng.IntN(len(t.rows))
	if i != j {
		apart(func() { both(&t.rows[min(i, j)], &t.rows[max(i, j)]) })
	}
}

// until repeats f until a potential deadlock is found, at most n times, and returns that.
func until(n int, f func()) []finding.Finding {
	for range n {
		f()
		for _, found := range agent.Findings() {
			if found.Certainty >= finding.Potential {
				return []finding.Finding{found}
			}
		}
	}
	return nil
}

// TestEstablishedOrderIsPassedOver: pairs of a known order cost no memory, and no finding.
func TestEstablishedOrderIsPassedOver(t *testing.T) {
	detect.ResetForTest(t)
	rows := newTable(200)
	for range 20_000 {
		rows.pair()
	}
	known := detect.Dependencies()
	for range 20_000 {
		rows.pair()
	}
	// 19,900 pairs there are.
	if n := detect.Dependencies(); known > 4000 || n > known+known/10 {
		t.Errorf("%d dependencies, then %d", known, n)
	}
	if found := held(t); found != nil {
		t.Errorf("found %v", briefs(found))
	}
}

// TestAgainstAnEstablishedOrder: what goes against it is found still, also if each pair comes
// seldom.
func TestAgainstAnEstablishedOrder(t *testing.T) {
	detect.ResetForTest(t)
	rows := newTable(100)
	for range 5_000 {
		rows.pair()
	}
	found := until(100_000, func() {
		rows.pair()
		if rows.rng.IntN(100) == 0 {
			apart(func() { both(&rows.rows[60], &rows.rows[40]) })
		}
	})
	if len(found) != 1 || found[0].Rule != finding.RuleLockCycle || found[0].Certainty != finding.Potential {
		t.Errorf("found %v", briefs(found))
	}
}

// request is what a server makes for each of its requests.
type request struct{ mu agent.Mutex }

//go:noinline
func lockRequest(r *request) { r.mu.Lock() }

//go:noinline
func requestInside(r *row, q *request) {
	lockRow(r)
	lockRequest(q)
	q.mu.Unlock()
	r.mu.Unlock()
}

//go:noinline
func requestOutside(q *request, r *row) {
	lockRequest(q)
	lockRow(r)
	r.mu.Unlock()
	q.mu.Unlock()
}

// TestShortLivedLocks: locks that are there for one request are passed over when their order is
// established, whether they are inside or outside of others; and what goes against it is found.
func TestShortLivedLocks(t *testing.T) {
	for _, tt := range []struct {
		name         string
		order, wrong func(q *request, r *row)
	}{
		{"inside", func(q *request, r *row) { requestInside(r, q) }, requestOutside},
		{"outside", requestOutside, func(q *request, r *row) { requestInside(r, q) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			detect.ResetForTest(t)
			var rows [8]row
			for i := range 10_000 {
				apart(func() { tt.order(new(request), &rows[i%8]) })
			}
			known := detect.Dependencies()
			for i := range 1_000 {
				apart(func() { tt.order(new(request), &rows[i%8]) })
			}
			if n := detect.Dependencies(); n > known+100 {
				t.Errorf("%d dependencies, then %d", known, n)
			}
			i := 0
			found := until(2000, func() {
				q, r := new(request), &rows[i%8]
				i++
				apart(func() { tt.order(q, r) })
				apart(func() { tt.wrong(q, r) })
			})
			if len(found) == 0 || found[0].Rule != finding.RuleLockCycle || found[0].Certainty != finding.Potential {
				t.Errorf("found %v", briefs(found))
			}
		})
	}
}
