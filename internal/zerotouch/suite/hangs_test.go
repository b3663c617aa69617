package suite

import (
	"os/exec"
	"testing"
)

// TestHangs holds what testdata/hangs measures for some of its shapes: each has to be
// explained, rule, certainty, lines and names, and its healthy twin has to be silent, when
// the test times out, beside a listener, when the program is killed, and when the runtime
// finds all goroutines asleep.
func TestHangs(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs some programs for half a minute")
	}
	cmd := exec.Command("go", "run", "../../../testdata/hangs", "-strict", "-wait", "6s", "-jobs", "48",
		"-forms", "timeout,server,killed,plain",
		"-shapes", "CrossedTransfers,EarlyReturn,WaitUnderLock,NeverClosed,DoneSkipped,SignalBeforeWait,NestedMonitors,AskUnderLock,PipeNotClosed,OnceAndLock,ReadTwice,SlotAndLock")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
