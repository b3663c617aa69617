package agenttest_test

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/agenttest"
)

// standIn takes the place of a *testing.T, which an example does not have.
type standIn struct{ cleanups []func() }

func (s *standIn) Helper()                           {}
func (s *standIn) Cleanup(f func())                  { s.cleanups = append(s.cleanups, f) }
func (s *standIn) Errorf(format string, args ...any) { fmt.Printf(format, args...) }

// Verify is the first line of a test, which then fails for what the agent finds in it.
func ExampleVerify() {
	t := new(standIn) // func TestTransfer(t *testing.T) {
	agenttest.Verify(t)

	var mu agent.Mutex
	mu.Lock()
	fmt.Println("transferring")
	mu.Unlock()

	for _, cleanUp := range t.cleanups { // at the end of the test
		cleanUp()
	}
	// Output: transferring
}
