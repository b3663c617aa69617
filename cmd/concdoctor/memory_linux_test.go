package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/trace"
	"strings"
	"syscall"
	"testing"
)

// bomb writes a compressed file: what it unpacks to is a start and many repeats of a part.
func bomb(t *testing.T, start, part string, repeats int) string {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(w, start)
	for range repeats {
		_, next := io.WriteString(w, part)
		err = errors.Join(err, next)
	}
	name := filepath.Join(t.TempDir(), "bomb")
	if err := errors.Join(err, w.Close(), os.WriteFile(name, b.Bytes(), 0o644)); err != nil {
		t.Fatal(err)
	}
	return name
}

// dumpOf is a goroutine dump.
func dumpOf(goroutines int) string {
	var b strings.Builder
	for i := range goroutines {
		fmt.Fprintf(&b, "goroutine %d [chan receive]:\nmain.f()\n\t/x/m.go:5 +0x1\n\n", i+1)
	}
	return b.String()
}

// TestMemoryHolds: no input of any command takes more memory than --max-memory, and a
// fifth. The bombs are a tenth of what was seen to take gigabytes.
func TestMemoryHolds(t *testing.T) {
	var recorded bytes.Buffer
	if err := trace.Start(&recorded); err != nil {
		t.Fatal(err)
	}
	trace.Stop()
	ones := strings.Repeat("\x01", 1<<20)
	traceBomb := bomb(t, recorded.String(), ones, 30)
	dumpBomb := bomb(t, "", dumpOf(10_000), 60)
	reportBomb := bomb(t, `{"schema":1,"tool":{"name":"concdoctor"},"findings":[`, strings.Repeat("{},", 1<<20), 2)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := w.Write(recorded.Bytes())
		for err == nil { // endless
			_, err = io.WriteString(w, ones)
		}
	}))
	defer service.Close()
	const limit = 80 << 20
	for name, args := range map[string][]string{
		"trace":    {"analyze", traceBomb},
		"endless":  {"analyze", service.URL},
		"dump":     {"analyze", dumpBomb},
		"report":   {"analyze", reportBomb},
		"base":     {"analyze", "--base", dumpBomb, traceBomb},
		"render":   {"render", reportBomb},
		"diff":     {"diff", reportBomb, reportBomb},
		"device":   {"render", "/dev/zero"},
		"baseline": {"analyze", "--baseline", "/dev/zero", traceBomb},
		"service":  {"record", "--timeout", "1s", "--time", "100ms", service.URL},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(filepath.Join(programDir(t), "concdoctor"), append([]string{args[0], "--max-memory", fmt.Sprint(limit)}, args[1:]...)...)
			cmd.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
			var errs bytes.Buffer
			cmd.Stderr = &errs
			err := cmd.Run()
			if cmd.ProcessState.ExitCode() != statusFailed {
				t.Errorf("%v, want status %d\n%s", err, statusFailed, &errs)
			}
			if peak := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10; peak > limit*6/5 {
				t.Errorf("%d MB at the peak, %d are allowed\n%s", peak>>20, limit>>20, &errs)
			}
			if lines := strings.Count(errs.String(), "\n"); lines > maxMessageLines {
				t.Errorf("%d lines of messages:\n%.3000s", lines, &errs)
			}
		})
	}
}
