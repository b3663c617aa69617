package health

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/scratch"
	"github.com/concdoctor/concdoctor/internal/zerotouch/gocmd"
	"github.com/concdoctor/concdoctor/internal/zerotouch/verdict"
)

// sample takes two locks in both orders, one after the other, which neither a lock nor a
// channel orders: it cannot hang, and the inversion has to be found.
const sample = `package main

import (
	"runtime"
	"sync"
	"sync/atomic"
)

var (
	group sync.WaitGroup
	first atomic.Bool
)

func both(one, other *sync.Mutex) {
	defer group.Done()
	one.Lock()
	other.Lock()
	other.Unlock()
	one.Unlock()
	first.Store(true)
}

func main() {
	a, b := new(sync.Mutex), new(sync.Mutex)
	group.Add(2)
	go both(a, b)
	for !first.Load() {
		runtime.Gosched()
	}
	go both(b, a)
	group.Wait()
}
`

// program builds and runs a small program and reads what it recorded.
func program(ctx context.Context, opts Options) Check {
	c := Check{Name: "a program", Grade: OK}
	began := time.Now()
	records, said, err := runSample(ctx, opts)
	switch {
	case err != nil:
		c.Grade, c.Text = Failed, oneLine(err)
	case records != 1:
		c.Grade, c.Text = Failed, fmt.Sprintf("%d programs left a record, want 1: %s", records, said)
	default:
		c.Text = fmt.Sprintf("one was built, run and read in %.1f s", time.Since(began).Seconds())
	}
	return c
}

func runSample(ctx context.Context, opts Options) (records int, said string, err error) {
	made, err := scratch.Make("doctor")
	if err != nil {
		return 0, "", err
	}
	defer func() { err = errors.Join(err, made.Remove()) }()
	dir := made.Path
	tapes := filepath.Join(dir, "tapes")
	if err := os.Mkdir(tapes, 0o777); err != nil {
		return 0, "", err
	}
	main := filepath.Join(dir, "main.go")
	if err := os.WriteFile(main, []byte(sample), 0o666); err != nil {
		return 0, "", err
	}
	command, err := gocmd.Parse("run", []string{main})
	if err != nil {
		return 0, "", err
	}
	settings, err := gocmd.ReadSettings(ctx, "", nil)
	if err != nil {
		return 0, "", err
	}
	var out bytes.Buffer
	got, err := command.Run(gocmd.Options{Program: opts.Program, Tapes: tapes, Settings: settings, Stdout: &out, Stderr: &out})
	if err != nil {
		return 0, "", err
	}
	if got.Status != 0 {
		return 0, "", fmt.Errorf("go run failed with status %d: %s", got.Status, oneLineOf(out.String()))
	}
	rep, err := verdict.Watch(ctx, tapes, verdict.Options{}).Finish()
	if err == nil && len(rep.Inputs) == 1 && (len(rep.Findings) == 0 || rep.Findings[0].Rule != finding.RuleLockCycle) {
		err = errors.New("its lock inversion was not found in what it recorded")
	}
	return len(rep.Inputs), oneLineOf(out.String()), err
}
