//go:build !concdoctor_off

package agent_test

import (
	"encoding/json"
	"go/build"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// standardTests are files of GOROOT/src/sync. They test the types through the
// exported API, so they hold for ours too. Map, Pool and Locker are sync's own.
var standardTests = []string{
	"mutex_test.go", "rwmutex_test.go", "cond_test.go", "waitgroup_test.go", "once_test.go", "oncefunc_test.go",
}

// standardMisuse is what the standard library's tests do wrong on purpose: they
// count below zero.
const standardMisuse = "concdoctor: waitgroup-misuse (observed): gosync_test.TestWaitGroupMisuse "

// shims stand for what those files use of the inside of the standard library.
var shims = map[string]string{
	"shim_test.go": `package sync_test

import (
	"runtime"
	"sync/atomic"
)

func Runtime_Semacquire(s *uint32) {
	for {
		if v := atomic.LoadUint32(s); v > 0 && atomic.CompareAndSwapUint32(s, v, v-1) {
			return
		}
		runtime.Gosched()
	}
}

func Runtime_Semrelease(s *uint32, handoff bool, skip int) { atomic.AddUint32(s, 1) }
`,
	"testenv/testenv.go": `package testenv

import (
	"os"
	"testing"
)

func Executable(t *testing.T) string {
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func MustHaveExec(testing.TB) {}
`,
}

// TestStandardLibraryTests runs the standard library's own tests of package sync
// on the agent's types. The files are read from GOROOT, rewritten in a temporary
// folder and laid over this module, so nothing of them is kept.
func TestStandardLibraryTests(t *testing.T) {
	const pkg = "github.com/concdoctor/concdoctor/agent"
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	rewrite := strings.NewReplacer(
		`. "sync"`, `. "`+pkg+`"`,
		"//go:linkname runtime_blockUntilEmptyCleanupQueue\n", "//go:linkname runtime_blockUntilEmptyCleanupQueue sync_test.runtime_blockUntilEmptyCleanupQueue\n",
		"\t\"sync\"\n", "\tsync \""+pkg+"\"\n",
		`"internal/testenv"`, `"`+pkg+`/internal/gosync/testenv"`,
	)
	overlay := struct{ Replace map[string]string }{make(map[string]string)}
	temp := t.TempDir()
	lay := func(name, text string) {
		file := filepath.Join(temp, strings.ReplaceAll(name, "/", "_"))
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		overlay.Replace[filepath.Join(here, "internal", "gosync", name)] = file
	}
	for _, name := range standardTests {
		text, err := os.ReadFile(filepath.Join(build.Default.GOROOT, "src", "sync", name))
		if err != nil {
			t.Fatal(err)
		}
		lay(name, rewrite.Replace(string(text)))
	}
	for name, text := range shims {
		lay(name, text)
	}
	list, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	overlayFile := filepath.Join(temp, "overlay.json")
	if err := os.WriteFile(overlayFile, list, 0o644); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(temp, "gosync.test")
	// checklinkname=0: a test reaches for a function that the runtime keeps for sync_test.
	args := append([]string{"test", "-c", "-vet=off", "-ldflags=-checklinkname=0", "-o", binary, "-overlay", overlayFile}, buildFlags...)
	if out, err := exec.Command("go", append(args, pkg+"/internal/gosync")...).CombinedOutput(); err != nil {
		t.Fatalf("building the standard library's tests: %v\n%s", err, out)
	}
	tests := exec.Command(binary, "-test.short", "-test.v")
	// It broadcasts without the lock from a goroutine of its own, on purpose: a true remark.
	tests.Env = append(os.Environ(), "CONCDOCTOR=suppress=signal-without-lock:gosync_test.TestCondSignalStealing")
	out, err := tests.CombinedOutput()
	if err != nil {
		t.Fatalf("the standard library's tests fail: %v\n%s", err, out)
	}
	for _, test := range []string{"TestMutex ", "TestMutexMisuse ", "TestMutexFairness ", "TestRWMutex ", "TestRLocker ", "TestCondSignal ", "TestCondCopy ", "TestOnce ",
		"TestOnceValues ", "TestOnceFuncPanicTraceback ", "TestOnceXGC ", "TestWaitGroupMisuse ", "TestWaitGroupGo "} {
		if !strings.Contains(string(out), "--- PASS: "+test) {
			t.Errorf("%sdid not run:\n%s", test, out)
		}
	}
	found := strings.Replace(string(out), standardMisuse, "", 1)
	if found == string(out) {
		t.Errorf("the misuse in the standard library's tests was not reported:\n%s", out)
	}
	if strings.Contains(found, "concdoctor:") {
		t.Errorf("the agent finds fault with the standard library's tests:\n%s", out)
	}
}
