//go:build !concdoctor_off

package detect_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect"
)

// TestMaxMemory: at the limit the oldest evidence goes, which is said once, and what is newer is
// found.
func TestMaxMemory(t *testing.T) {
	detect.ResetForTest(t)
	detect.ForgetDropped()
	stderr, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer func(old *os.File) { os.Stderr = old }(os.Stderr)
	os.Stderr = stderr
	const most = 64 // of 2 kB each
	agent.Configure(agent.Options{Output: io.Discard, MaxMemory: most << 11})
	rows := newTable(40)
	for range 1000 {
		rows.pair()
		if n := detect.Dependencies(); n > most {
			t.Fatalf("%d dependencies, want at most %d", n, most)
		}
	}
	apart(func() { both(&rows.rows[3], &rows.rows[5]) })
	apart(func() { both(&rows.rows[5], &rows.rows[3]) })
	if found := held(t); len(found) == 0 || found[0].Rule != finding.RuleLockCycle || found[0].Certainty != finding.Potential {
		t.Errorf("found %v", briefs(found))
	}
	text, err := os.ReadFile(stderr.Name())
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "max_memory="); n != 1 {
		t.Errorf("said %d times:\n%s", n, text)
	}
	agent.Configure(agent.Options{Output: io.Discard, MaxMemory: 16 << 11})
	if n := detect.Dependencies(); n > 16 {
		t.Errorf("%d dependencies after the limit was lowered to 16", n)
	}
}
