package inject

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// disk mounts a file system of that size for a test.
func disk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("mounting a small file system: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmounting: %v", err)
		}
	})
	return dir
}

// TestFullDisk lets the file system run full at many different points of a recording: the
// program goes on as if it was not observed, and the tape says that it breaks off. Only where
// there is no room at all does the program say so itself.
func TestFullDisk(t *testing.T) {
	name := program(t)
	tests := []struct {
		size, scene string
		code        int
		full        bool
	}{
		{"4k", "inversion", 0, true}, // no room for the first page: no tape
		{"8k", "exit", 7, true},
		{"16k", "exit", 7, true},
		{"64k", "inversion", 0, true},
		{"128k", "waits", 0, true},
		{"256k", "ring", 0, true},
		{"1m", "ring", 0, true},
		{"2m", "brief", 0, true},
		{"4m", "ring", 0, true},
		{"8m", "ring", 0, true},
		{"64m", "ring", 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.scene+" "+tt.size, func(t *testing.T) {
			cmd, _ := start(t, name, tt.scene)
			tapes := disk(t, tt.size)
			cmd.Env = append(os.Environ(), "CONCDOCTOR_TAPE_DIR="+tapes)
			out, err := cmd.CombinedOutput()
			said := "concdoctor: this program does not record: there is no room in " + tapes + " (CONCDOCTOR_TAPE_DIR)\n"
			if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != tt.code || len(out) > 0 && string(out) != said {
				t.Fatalf("%v\n%s", err, out)
			}
			if tt.size == "4k" {
				if string(out) != said {
					t.Errorf("the program says %q, want %q", out, said)
				}
				if files, _ := filepath.Glob(filepath.Join(tapes, "*.tape")); len(files) != 1 {
					t.Errorf("tapes %v, want a blank one", files)
				}
				return
			}
			got := only(t, tapes)
			if got.Full != tt.full || got.Full && len(got.Goroutines) > 0 {
				t.Errorf("full %v, %d goroutines", got.Full, len(got.Goroutines))
			}
			if got.ExitCode != tt.code || got.End != tape.Exited {
				t.Errorf("end %v with %d", got.End, got.ExitCode)
			}
		})
	}
}
