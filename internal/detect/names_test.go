//go:build !concdoctor_off

package detect_test

import (
	"context"
	"slices"
	"testing"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/internal/detect"
)

func TestGoroutineNames(t *testing.T) {
	var a, b agent.Mutex
	detect.ResetForTest(t)
	run(func() { // it has ended when the finding comes
		agent.Do(context.Background(), "bank", func(ctx context.Context) {
			run(func() { agent.Do(ctx, "payer", func(context.Context) { nest(&a, &b)() }) })
		})
	}, func() {
		//lint:ignore SA1012 a nil context is what is tried
		agent.Do(nil, "auditor", func(ctx context.Context) {
			agent.Do(ctx, "reader", func(context.Context) {})
			nest(&b, &a)()
		})
	})
	found := held(t)
	if len(found) != 1 {
		t.Fatalf("findings %v", briefs(found))
	}
	var names []string
	for _, g := range found[0].Goroutines {
		names = append(names, g.Name)
	}
	slices.Sort(names)
	if want := []string{"auditor", "bank/payer"}; !slices.Equal(names, want) {
		t.Errorf("names %q, want %q", names, want)
	}
}

func TestNamesOfManyGoroutines(t *testing.T) {
	for range 3 * detect.MaxNames {
		run(func() { agent.Do(context.Background(), "x", func(context.Context) {}) })
	}
	if n := detect.Names(); n != detect.MaxNames {
		t.Errorf("%d names kept, want %d", n, detect.MaxNames)
	}
}
