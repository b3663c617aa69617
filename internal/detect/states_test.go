//go:build !concdoctor_off

package detect_test

import (
	"sync"
	"testing"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/internal/detect"
)

// Goroutines that only use channels leave nothing behind, however many there are.
func TestStatesOfManyGoroutinesAreBounded(t *testing.T) {
	before, c := detect.States(), agent.MakeChan[int](1)
	for range 5000 {
		var one sync.WaitGroup
		one.Go(func() {
			c.Send(1)
			c.Recv()
		})
		one.Wait()
	}
	if more := detect.States() - before; more > 2000 {
		t.Errorf("%d states more", more)
	}
}
