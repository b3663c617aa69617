//go:build !concdoctor_off

package detect_test

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/concdoctor/concdoctor/agent"
)

// TestHealthyLoadIsSilent lets many goroutines take locks of all kinds, always in
// index order, with back-off by TryLock against the order, hand-offs between
// goroutines, and goroutines that come and go. All of them finish and nothing is
// reported.
func TestHealthyLoadIsSilent(t *testing.T) {
	const workers, rounds, locks = 16, 400, 6
	var (
		plain [locks]agent.Mutex
		rw    [locks]agent.RWMutex
		pass  agent.Mutex // a semaphore: locked by one goroutine, unlocked by another
	)
	round := func(r *rand.Rand) {
		var held []func()
		for i := range locks {
			switch r.IntN(4) {
			case 0:
				plain[i].Lock()
				held = append(held, plain[i].Unlock)
			case 1:
				rw[i].Lock()
				held = append(held, rw[i].Unlock)
			case 2:
				rw[i].RLock()
				held = append(held, rw[i].RUnlock)
			}
		}
		if i := r.IntN(locks); plain[i].TryLock() { // against the order, but never waits
			plain[i].Unlock()
		}
		r.Shuffle(len(held), func(i, j int) { held[i], held[j] = held[j], held[i] })
		for _, unlock := range held {
			unlock()
		}
		pass.Lock()
		go pass.Unlock()
	}
	expect(t, func() {
		var group sync.WaitGroup
		for w := range workers {
			group.Go(func() {
				r := rand.New(rand.NewPCG(uint64(w), 1))
				for range rounds {
					if r.IntN(8) == 0 {
						run(func() { round(r) }) // in a goroutine of its own
					} else {
						round(r)
					}
				}
			})
		}
		group.Wait()
		pass.Lock() // the last hand-off is over
	})
}
