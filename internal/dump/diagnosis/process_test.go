package diagnosis

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The tests of this file read what the Go that runs them writes.

type account struct {
	name string
	mu   sync.Mutex
}

// move takes both locks; met is called between them.
//
//go:noinline
func move(from, to *account, met func()) {
	from.mu.Lock()
	met()
	to.mu.Lock()
	to.name, from.name = from.name, to.name
	to.mu.Unlock()
	from.mu.Unlock()
}

// deadlock lets two goroutines wait for each other's lock.
func deadlock() {
	a, b := new(account), new(account)
	var first, done sync.WaitGroup
	first.Add(2)
	meet := func() { first.Done(); first.Wait() }
	done.Go(func() { move(a, b, meet) })
	done.Go(func() { move(b, a, meet) })
	done.Wait()
}

// sites are the rule, certainty and the user functions that wait, of each finding.
func sites(dumps []*Dump) []string {
	var got []string
	for _, d := range dumps {
		for _, f := range d.Judge(Options{Name: "dump"}).Findings {
			text := string(f.Rule) + " " + f.Certainty.String()
			for _, g := range f.Goroutines {
				if g.Wait != nil {
					text += " " + g.Wait.Stack.User().ShortFunc()
				}
			}
			got = append(got, text)
		}
	}
	return got
}

// TestDumpOfThisProcess finds a ring of two goroutines in the dump on demand.
func TestDumpOfThisProcess(t *testing.T) {
	go deadlock()
	var b bytes.Buffer
	for strings.Count(b.String(), "diagnosis.move(") < 2 || strings.Count(b.String(), "lockSlow") < 2 {
		b.Reset()
		if err := pprof.Lookup("goroutine").WriteTo(&b, 2); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	want := []string{"deadlock suspected diagnosis.move diagnosis.move"}
	if diff := cmp.Diff(want, sites(mustRead(t, b.String()))); diff != "" {
		t.Errorf("findings (-want +got):\n%s\n%s", diff, b.String())
	}
}

// TestDumpOfAnEndedProcess reads what the runtime writes as a process ends. The
// process is no test binary: with cgo, which package net brings into those, the
// runtime does not notice that all goroutines are asleep.
func TestDumpOfAnEndedProcess(t *testing.T) {
	program := filepath.Join(t.TempDir(), "ends")
	if out, err := exec.Command("go", "build", "-o", program, "./testdata/ends").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	for name, want := range map[string][]string{
		"asleep": {"deadlock observed main.deadlock main.move main.move", "deadlock suspected main.move main.move"},
		"panic":  nil,
		"map":    {"data-race observed"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, program, name)
			cmd.Env = append(os.Environ(), "GOTRACEBACK=all")
			out, err := cmd.CombinedOutput()
			if exit := new(exec.ExitError); !errors.As(err, &exit) || exit.ExitCode() != 2 {
				t.Fatalf("%v\n%s", err, out)
			}
			dumps := mustRead(t, string(out))
			got := sites(dumps)
			if diff := cmp.Diff(want, got); diff != "" || len(dumps) != 1 {
				t.Errorf("%d dumps, findings (-want +got):\n%s\n%s", len(dumps), diff, out)
			}
			if cause := dumps[0].Cause; name == "panic" && cause != "panic: boom" {
				t.Errorf("cause %q", cause)
			}
		})
	}
}
