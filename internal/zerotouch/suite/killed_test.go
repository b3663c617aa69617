package suite

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/internal/zerotouch/gocmd"
	"github.com/concdoctor/concdoctor/internal/zerotouch/internal/testgo"
	"github.com/concdoctor/concdoctor/internal/zerotouch/verdict"
)

// hung is a program that says when two of its goroutines wait for each other.
const hung = `package main

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
)

func main() {
	var a, b sync.Mutex
	var both sync.WaitGroup
	both.Add(2)
	take := func(x, y *sync.Mutex) {
		x.Lock()
		both.Done()
		both.Wait()
		y.Lock()
	}
	go take(&a, &b)
	go take(&b, &a)
	stacks := make([]byte, 1<<16)
	for strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "[sync.Mutex.Lock") < 2 {
		runtime.Gosched()
	}
	fmt.Println("hung")
	for {
		runtime.Gosched()
	}
}
`

// TestKilled kills a program as soon as two goroutines wait for each other: nobody has
// to wait for a second to know that they always will.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	dir, tapes := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.com/hung\n\ngo 1.25\n", "main.go": hung} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(dir, "hung")
	if err := testgo.Run(t.Context(), dir, "build", "-o", program); err != nil {
		t.Fatal(err)
	}
	watch := verdict.Watch(t.Context(), tapes, verdict.Options{SelfWait: time.Hour})
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), gocmd.TapeDir+"="+tapes)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	rep, err := watch.Finish()
	if err != nil {
		t.Fatal(err)
	}
	if len(rep.Findings) != 1 || rep.Findings[0].Rule != "deadlock" || rep.Findings[0].Certainty.String() != "observed" {
		t.Errorf("findings %+v, want the deadlock, observed", rep.Findings)
	}
}
