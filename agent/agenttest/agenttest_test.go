//go:build !concdoctor_off

package agenttest_test

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/agenttest"
)

// recorder is a test that only takes notes.
type recorder struct {
	errors   []string
	cleanups []func()
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}
func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }

// verify runs body as a test of its own and returns the errors.
func verify(body func()) []string {
	var r recorder
	agenttest.Verify(&r)
	body()
	for _, f := range r.cleanups {
		f()
	}
	return r.errors
}

func nested(first, second *agent.Mutex) {
	var group sync.WaitGroup
	group.Go(func() {
		first.Lock()
		second.Lock()
		second.Unlock()
		first.Unlock()
	})
	group.Wait()
}

func TestVerify(t *testing.T) {
	agent.Configure(agent.Options{Output: io.Discard})
	t.Cleanup(func() { agent.Configure(agent.Options{}) })
	inversion := func() {
		var a, b agent.Mutex
		nested(&a, &b)
		nested(&b, &a)
	}
	for range 2 { // found for the first time, and again
		errors := verify(inversion)
		if len(errors) != 1 || !strings.Contains(errors[0], "lock-cycle (potential)") || !strings.Contains(errors[0], "agenttest_test.nested") {
			t.Errorf("errors %q, want one lock-cycle that names the function", errors)
		}
	}
	errors := verify(func() {
		var a, b agent.Mutex
		nested(&a, &b)
		nested(&a, &b)
	})
	if len(errors) != 0 {
		t.Errorf("a healthy test fails: %q", errors)
	}
}
