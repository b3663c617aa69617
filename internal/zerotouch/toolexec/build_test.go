package toolexec

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestBuild builds a program with the real go command: the changed package is in it, the
// paths and lines of a panic are those of the original, and a build without zero touch
// beside it, in the same cache, is not touched.
func TestBuild(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir, marks := t.TempDir(), t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module example.com/box\n\ngo 1.25\n")
	write(t, filepath.Join(dir, "main.go"), `package main

import "sync"

func main() {
	var rw sync.RWMutex
	for range 20 {
		rw.Lock() // its inner mutex is not counted
		rw.Unlock()
	}
	var mu sync.Mutex
	for range 7 {
		mu.Lock()
		mu.Unlock()
	}
	var null *sync.Mutex
	null.Lock()
}
`)
	flag, err := Flag(self, Config{Marks: marks})
	if err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "TOOLEXEC_TEST_LIST=mutex", "GOFLAGS=", "GOWORK=off")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("go %q: %v\n%s", args, err, out)
		}
		return string(out)
	}
	goroot := strings.TrimSpace(run("env", "GOROOT"))
	run("build", "-toolexec="+flag, "-o", "touched", ".")
	run("build", "-o", "plain", ".")
	if m, err := ReadMarks(marks); err != nil || m.Asked == 0 || m.Linked != 1 {
		t.Errorf("marks %+v, %v", m, err)
	}
	out, err := exec.CommandContext(t.Context(), filepath.Join(dir, "touched")).CombinedOutput()
	if err == nil || !strings.HasPrefix(string(out), "concdoctor zero touch 7\n") {
		t.Errorf("%v: %s", err, out)
	}
	original, err := os.ReadFile(filepath.Join(goroot, "src/sync/mutex.go"))
	if err != nil {
		t.Fatal(err)
	}
	line := func(text string) int {
		before, _, _ := strings.Cut(string(original), text)
		return strings.Count(before, "\n") + 1
	}
	for _, frame := range []string{
		fmt.Sprintf("sync.(*Mutex).lockPlain(...)\n\t%s/src/sync/mutex.go:%d\n", goroot, line("\tm.mu.Lock()\n")),
		fmt.Sprintf("\n\t%s/src/sync/mutex.go:%d ", goroot, line("func (m *Mutex) Lock() {\n")),
		fmt.Sprintf("\n\t%s/main.go:17 ", dir),
	} {
		if !strings.Contains(string(out), frame) {
			t.Errorf("no frame %q in\n%s", frame, out)
		}
	}
	out, err = exec.CommandContext(t.Context(), filepath.Join(dir, "plain")).CombinedOutput()
	if err == nil || strings.Contains(string(out), "concdoctor") {
		t.Errorf("the program that was built plain: %v: %s", err, out)
	}
}
