//go:build concdoctor_off

package agent

import "context"

// Do calls f.
func Do(ctx context.Context, name string, f func(context.Context)) {
	if ctx == nil {
		ctx = context.Background()
	}
	f(ctx)
}

// Name does nothing in this build.
func Name(object any, name string, at ...Level) {}

// Forget does nothing in this build.
func Forget(locks ...any) {}

// Ordered does nothing in this build.
func Ordered(locks ...any) {}

// AssertHeld does nothing in this build.
func AssertHeld(l Locker) {}

// AssertRHeld does nothing in this build.
func AssertRHeld(l Locker) {}
