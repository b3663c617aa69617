package tape

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

// TestEnd tells how and when processes ended that say so, and that do not.
func TestEnd(t *testing.T) {
	const second = uint64(time.Second)
	began := uint64(time.Now().UnixNano()) - 1000*second // on a clock that began with Unix time
	tests := []struct {
		what  string
		words map[int64]uint64
		end   End
		after uint64 // its beginning, in seconds
	}{
		{"runs elsewhere", map[int64]uint64{tapeWordBeat: began + 990*second}, Running, 1000},
		{"runs elsewhere no longer", map[int64]uint64{tapeWordBeat: began + 900*second}, Killed, 900},
		{"was seen to be gone", map[int64]uint64{tapeWordBeat: began + 990*second, tapeWordGone: began + 995*second}, Killed, 995},
		{"has waited since", map[int64]uint64{
			tapeWordBeat: began + 500*second, tapeWordSlots: 1,
			tapeSlots/8 + tapeSlotControl: tapeControlAlive | tapeControlWait, tapeSlots/8 + tapeSlotSince: began + 503*second,
		}, Killed, 503},
		{"timed out", map[int64]uint64{tapeWordEnd: tapeEndTimedOut | 2<<8, tapeWordEndTime: began + 10*second}, TimedOut, 10},
		{"got a signal", map[int64]uint64{tapeWordEnd: tapeEndSignaled | 15<<8, tapeWordEndTime: began + 10*second}, Signaled, 10},
	}
	for _, tt := range tests {
		s := begun()
		s.words[8*tapeWordStart], s.words[8*tapeWordStartMono] = began, began
		for n, value := range tt.words {
			s.words[8*n] = value
		}
		f, err := NewFile("x", s)
		if err != nil {
			t.Fatal(err)
		}
		got, err := f.Read()
		if err != nil {
			t.Fatal(err)
		}
		if after := (uint64(got.Now) - began) / second; got.End != tt.end || after != tt.after || f.IsGone() != (tt.end != Running) {
			t.Errorf("%s: end %d after %d s, want %d after %d s", tt.what, got.End, after, tt.end, tt.after)
		}
	}
}

func TestMarkGone(t *testing.T) {
	s := begun()
	began := time.Now().Add(-time.Hour)
	s.words[8*tapeWordStart], s.words[8*tapeWordStartMono], s.words[8*tapeWordBeat] = uint64(began.UnixNano()), 1000, 1000
	f, err := NewFile(t.TempDir()+"/none", s) // it cannot be written on
	if err != nil {
		t.Fatal(err)
	}
	f.MarkGone(began.Add(time.Minute))
	f.MarkGone(began.Add(2 * time.Minute))
	if got, err := f.Read(); err != nil || got.End != Killed || got.Now != 1000+int64(time.Minute) {
		t.Errorf("end %d at %d, %v", got.End, got.Now, err)
	}
}

// TestIsProcess tells a process from one that is over and waits to be waited for.
func TestIsProcess(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Readlink("/proc/self/exe"); err != nil {
		t.Skip(err)
	}
	if !isProcess(os.Getpid(), self) || isProcess(os.Getpid(), "/another") {
		t.Error("this process is not itself")
	}
	cmd := exec.Command(self, "-test.run=^$")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	for until := time.Now().Add(10 * time.Second); isProcess(cmd.Process.Pid, self); time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("a process that is over counts as one")
		}
	}
}
