package replay

import (
	"sync"
	"sync/atomic"

	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// batchesAhead are under way between decoder and lanes: enough that none waits for
// another at every turn.
const batchesAhead = 6

// shared is a batch that several lanes read.
type shared struct {
	stream.Batch
	readers atomic.Int32 // lanes that have not read it
}

// ahead decodes in a goroutine of its own and hands each batch to every lane.
type ahead struct {
	full  []chan *shared // by lane
	free  chan *shared
	quit  chan struct{}
	once  sync.Once // closes quit
	ended sync.WaitGroup
	err   error // why it ended; to be read after full was closed
}

// readAhead starts to read the source. The caller calls stop when done, and must
// not touch the source before.
func readAhead(src Source, lanes int) *ahead {
	a := &ahead{free: make(chan *shared, batchesAhead), quit: make(chan struct{})}
	for range lanes {
		a.full = append(a.full, make(chan *shared, batchesAhead))
	}
	for range batchesAhead {
		a.free <- new(shared)
	}
	a.ended.Go(func() {
		defer func() {
			for _, full := range a.full {
				close(full)
			}
		}()
		for {
			select {
			case <-a.quit:
				return
			case b := <-a.free:
				if a.err = src.Next(&b.Batch); a.err != nil {
					return
				}
				b.readers.Store(int32(len(a.full)))
				for _, full := range a.full {
					full <- b // never blocks: there are no more batches than places
				}
			}
		}
	})
	return a
}

// done says that a lane has read the batch.
func (a *ahead) done(b *shared) {
	if b.readers.Add(-1) == 0 {
		a.free <- b // never blocks either
	}
}

// cancel makes the reading end soon.
func (a *ahead) cancel() { a.once.Do(func() { close(a.quit) }) }

// stop ends the reading and waits until it has ended.
func (a *ahead) stop() {
	a.cancel()
	a.ended.Wait()
}
