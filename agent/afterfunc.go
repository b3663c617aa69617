//go:build !concdoctor_off

package agent

import (
	"context"
	"time"

	"github.com/concdoctor/concdoctor/internal/detect"
)

// AfterFunc is time.AfterFunc for a function that uses locks. The agent then knows that all
// that the caller has done comes before f; of a function that time.AfterFunc calls it does
// not, so an order of locks that only that call keeps from a cycle is reported as one.
//
// The call “synchronizes before” each start of f, also after a Reset of the timer.
//
//go:noinline
func AfterFunc(d time.Duration, f func()) *time.Timer {
	if f == nil {
		return time.AfterFunc(d, nil)
	}
	later := detect.SpawnLater()
	return time.AfterFunc(d, func() { later.Run(f) })
}

// ContextAfterFunc is context.AfterFunc in the way in which [AfterFunc] is time.AfterFunc.
//
//go:noinline
func ContextAfterFunc(ctx context.Context, f func()) (stop func() bool) {
	later := detect.SpawnLater()
	return context.AfterFunc(ctx, func() { later.Run(f) })
}
