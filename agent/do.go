//go:build !concdoctor_off

package agent

import (
	"context"

	"github.com/concdoctor/concdoctor/internal/detect"
)

type nameKey struct{}

// Do calls f; from then on findings call the running goroutine by the name, until it
// gets another one or goes back to the one that it had before. The context
// that f gets carries the name, so that a Do in there, in this goroutine or in
// another one, makes a name below it: "server/reader". A nil context counts as empty.
func Do(ctx context.Context, name string, f func(context.Context)) {
	if ctx == nil {
		ctx = context.Background()
	}
	if above, ok := ctx.Value(nameKey{}).(string); ok {
		name = above + "/" + name
	}
	ctx = context.WithValue(ctx, nameKey{}, name)
	defer detect.NameRunning(name)()
	f(ctx)
}
