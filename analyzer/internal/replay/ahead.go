package replay

import (
	"sync"

	"github.com/concdoctor/concdoctor/analyzer/internal/stream"
)

// batchesAhead are under way between decoder and passes: enough that neither waits
// for the other at every turn.
const batchesAhead = 4

// ahead decodes in a goroutine of its own, since the passes together are as much work.
type ahead struct {
	full, free chan *stream.Batch
	quit       chan struct{}
	ended      sync.WaitGroup
	err        error // why it ended; to be read after full was closed
}

// readAhead starts to read the source. Whoever is done with it calls stop, and must
// not touch the source before.
func readAhead(src Source) *ahead {
	a := &ahead{
		full: make(chan *stream.Batch, batchesAhead), free: make(chan *stream.Batch, batchesAhead), quit: make(chan struct{}),
	}
	for range batchesAhead {
		a.free <- new(stream.Batch)
	}
	a.ended.Go(func() {
		defer close(a.full)
		for {
			select {
			case <-a.quit:
				return
			case b := <-a.free:
				if a.err = src.Next(b); a.err != nil {
					return
				}
				a.full <- b // never blocks: there are no more batches than places
			}
		}
	})
	return a
}

// stop ends the reading and waits until it has ended.
func (a *ahead) stop() {
	close(a.quit)
	a.ended.Wait()
}
