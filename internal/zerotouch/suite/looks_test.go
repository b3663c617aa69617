package suite

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/zerotouch/gocmd"
	"github.com/concdoctor/concdoctor/internal/zerotouch/internal/testgo"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
	"github.com/concdoctor/concdoctor/internal/zerotouch/verdict"
)

// working is a program that gets on, or hangs beside one that ticks. In the first there
// are goroutines that have waited for long too: workers that have nothing to do.
const working = `package main

import (
	"os"
	"sync"
	"time"
)

func main() {
	switch os.Args[1] {
	case "serves":
		requests, spare := make(chan chan int), make(chan int)
		for range 4 {
			go func() {
				for answer := range requests {
					answer <- 1
				}
			}()
			go func() { <-spare }()
		}
		for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond / 10) {
			for range 20 {
				answer := make(chan int)
				requests <- answer
				<-answer
			}
		}
		close(spare)
	case "hangs":
		var mu sync.Mutex
		c := make(chan int)
		go func() {
			mu.Lock()
			c <- 1
		}()
		go func() {
			time.Sleep(10 * time.Millisecond)
			mu.Lock()
			<-c
		}()
		for range time.Tick(time.Second / 2) {
		}
	}
}
`

// TestLooks counts how often the collector is asked: never while a program gets on, though
// goroutines have waited for long, and once about one hang.
func TestLooks(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.com/working\n\ngo 1.25\n", "main.go": working} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(dir, "working")
	if err := testgo.Run(t.Context(), dir, "build", "-o", program); err != nil {
		t.Fatal(err)
	}
	for what, want := range map[string]int{"serves": 0, "hangs": 1} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			tapes := t.TempDir()
			watch := verdict.Watch(t.Context(), tapes, verdict.Options{OnHang: func(string, finding.Finding) {}})
			cmd := exec.CommandContext(t.Context(), program, what)
			cmd.Env = append(os.Environ(), gocmd.TapeDir+"="+tapes)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(4 * time.Second)
			looks := looksOf(t, tapes)
			_ = cmd.Process.Kill() // it may have ended
			_ = cmd.Wait()
			rep, err := watch.Finish()
			if err != nil {
				t.Fatal(err)
			}
			if looks.Blind != tape.NotRefused {
				t.Skip("the collector cannot tell")
			}
			if looks.Count != want {
				t.Errorf("%d looks, want %d", looks.Count, want)
			}
			if found := len(rep.Findings) > 0 && rep.Findings[0].Rule == finding.RuleDeadlock && rep.Findings[0].Certainty == finding.Proven; found != (want > 0) {
				t.Errorf("findings %+v, set aside %+v", rep.Findings, rep.Suppressed)
			}
		})
	}
}

func looksOf(t *testing.T, tapes string) tape.Looks {
	t.Helper()
	f, err := testgo.OpenTape(tapes)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := f.Read()
	if err != nil {
		t.Fatal(err)
	}
	return got.Looks
}
