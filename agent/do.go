//go:build !concdoctor_off

package agent

import (
	"context"

	"github.com/concdoctor/concdoctor/internal/detect"
)

type nameKey struct{}

// Do calls f and gives the running goroutine a name, which findings show from then on.
// When f returns, the goroutine gets back the name that it had before; without one it
// keeps the new name. The context passed to f carries the name: a Do with that context, in
// this goroutine or another, makes a name below it, such as "server/reader". A nil context
// counts as empty.
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
