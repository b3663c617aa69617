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
	"github.com/concdoctor/concdoctor/internal/zerotouch/verdict"
)

// purged is a pool whose only worker has died, beside a goroutine that ticks and knows the pool.
// In the first program that goroutine does nothing which ends a wait; in the others it may.
const purged = `package main

import (
	"os"
	"sync"
	"time"
)

type pool struct {
	mu      sync.Mutex
	cond    *sync.Cond
	workers []chan func()
	rescue  func()
}

func (p *pool) purge() {
	for range time.Tick(20 * time.Millisecond) {
		p.mu.Lock()
		for _, w := range p.workers {
			w <- nil
		}
		p.mu.Unlock()
	}
}

func (p *pool) purgeAndSignal() {
	for n := 0; ; n++ {
		time.Sleep(20 * time.Millisecond)
		if n > 1<<30 {
			p.cond.Signal()
		}
	}
}

func (p *pool) purgeAndCall() {
	for n := 0; ; n++ {
		time.Sleep(20 * time.Millisecond)
		if n > 1<<30 {
			p.rescue()
		}
	}
}

func (p *pool) submit(task func()) {
	p.mu.Lock()
	for len(p.workers) == 0 {
		p.cond.Wait()
	}
	p.mu.Unlock()
	task()
}

func main() {
	p := new(pool)
	p.cond = sync.NewCond(&p.mu)
	p.rescue = p.cond.Signal
	switch os.Args[1] {
	case "purge":
		go p.purge()
	case "signal":
		go p.purgeAndSignal()
	case "call":
		go p.purgeAndCall()
	}
	done := make(chan struct{})
	go p.submit(func() { close(done) })
	<-done
}
`

// TestUnserved has programs run side by side: when the one that hangs is reported, the
// others have been looked at for longer.
func TestUnserved(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	dir, tapes := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.com/purged\n\ngo 1.25\n", "main.go": purged} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(dir, "purged")
	if err := testgo.Run(t.Context(), dir, "build", "-o", program); err != nil {
		t.Fatal(err)
	}
	found := make(chan finding.Finding, 10)
	watch := verdict.Watch(t.Context(), tapes, verdict.Options{
		SelfWait: 100 * time.Millisecond, Interval: 20 * time.Millisecond,
		OnHang: func(_ string, f finding.Finding) { found <- f },
	})
	for _, what := range []string{"signal", "call", "purge"} {
		cmd := exec.CommandContext(t.Context(), program, what)
		cmd.Env = append(os.Environ(), gocmd.TapeDir+"="+tapes)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}()
	}
	select {
	case f := <-found:
		if f.Rule != finding.RuleStuck || f.Certainty != finding.Potential || f.Goroutines[0].Wait.Stack.Site().Line == 0 {
			t.Errorf("%+v", f)
		}
	case <-t.Context().Done():
		t.Fatal("nothing is reported")
	}
	rep, err := watch.Finish()
	if err != nil {
		t.Fatal(err)
	}
	stuck := int64(0)
	for i := range rep.Findings {
		if f := &rep.Findings[i]; f.Rule == finding.RuleStuck && f.Certainty >= finding.Potential {
			stuck += f.Count
		}
	}
	if stuck != 1 || len(found) > 0 {
		t.Errorf("%d stuck goroutines in three programs, want one: %+v", stuck, rep.Findings)
	}
}
