package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Lane is a trace with the passes that were made with it. Lanes replay the same
// source side by side, a goroutine each: the replay itself is a small part of what the passes
// cost together.
type Lane struct {
	Trace  *Trace
	Passes []Pass
}

// Run replays the source through all lanes; then each is to be finished. It stops at the
// first error of the source or when ctx is done. The source is read in another goroutine,
// which has ended when Run returns.
func Run(ctx context.Context, src Source, lanes ...Lane) error {
	ahead := readAhead(src, len(lanes))
	defer ahead.stop()
	errs := make([]error, len(lanes))
	var others sync.WaitGroup
	for i := 1; i < len(lanes); i++ {
		others.Go(func() { errs[i] = lanes[i].follow(ctx, ahead, i) })
	}
	errs[0] = lanes[0].follow(ctx, ahead, 0)
	others.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	if !errors.Is(ahead.err, io.EOF) {
		return ahead.err
	}
	return nil
}

// follow replays every batch through the lane's passes. Once ctx is done it only
// gives the batches back.
func (l *Lane) follow(ctx context.Context, a *ahead, lane int) (err error) {
	t := l.Trace
	t.listen(l.Passes)
	for b := range a.full[lane] {
		if err == nil && ctx.Err() != nil {
			err = fmt.Errorf("analyzing %s: %w", t.Input, ctx.Err())
			a.cancel()
		}
		if err == nil {
			t.Tables.Add(&b.Batch)
			for i := range b.Events {
				t.apply(&b.Events[i])
			}
		}
		a.done(b)
	}
	return err
}
