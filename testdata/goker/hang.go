package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/testdata/internal/sidebyside"
	"github.com/concdoctor/concdoctor/testdata/internal/standin"
)

// The ways in which the programs are run as tests.
const (
	byTimeout = "timeout" // concdoctor test -timeout
	byHunt    = "hunt"    // concdoctor test --runs, without a time limit
)

// found is what was found in the test of a program.
type found struct {
	findings []finding.Finding
	named    bool // one of them names what hangs
	// blocked are goroutines that were listed as blocked.
	blocked int64
	runs    int  // of a hunt, with the one that ended it
	hangs   bool // it timed out
	endless bool // it had to be interrupted
	err     error
}

// hanging runs the programs as tests, some at a time, and prints what was found.
func (b *built) hanging(ctx context.Context, q question, names []string) error {
	if err := errors.Join(b.buildTests(ctx), standin.Install(filepath.Dir(b.doctor))); err != nil {
		return err
	}
	truths, err := readTruths()
	if err != nil {
		return err
	}
	all := make([]found, len(names))
	const jobs = 12 // most of them sleep
	var wg sync.WaitGroup
	room := make(chan struct{}, jobs)
	for i, name := range names {
		room <- struct{}{}
		wg.Go(func() {
			defer func() { <-room }()
			all[i] = b.hang(ctx, q, name)
		})
	}
	wg.Wait()
	fmt.Printf("| test | how it ended | runs | found | names what hangs | resources | blocked |\n| --- | --- | --: | --- | --- | --- | --: |\n")
	sum, named := 0, 0
	for i, name := range names {
		if truths[name] == nil {
			return fmt.Errorf("truth.txt: %s is not there", name)
		}
		f := &all[i]
		if f.named = truths.areNamed(name, f.findings); f.named {
			named++
		}
		if len(f.findings) > 0 {
			sum++
		}
		fmt.Printf("| %s | %s |\n", name, f)
	}
	fmt.Printf("| **found, of %d** | | | %d | %d | | |\n", len(names), sum, named)
	return ctx.Err()
}

// runsForm is where concdoctor says how many runs a hunt had.
var runsForm = regexp.MustCompile(`(\d+) runs? of 1 program`)

// hang runs one test.
func (b *built) hang(ctx context.Context, q question, name string) (f found) {
	report := filepath.Join(b.dir, name+"-"+q.form+".json")
	args := []string{"test", "--format", "json", "--report", report}
	if q.form == byTimeout {
		args = append(args, "-timeout", q.limit.String())
	} else {
		args = append(args, "--runs", strconv.Itoa(q.runs))
	}
	env, err := standin.Environment(filepath.Dir(b.doctor), standin.Programs{Test: b.tests})
	if err != nil {
		return found{err: err}
	}
	if q.form == byHunt {
		env = append(env, onceVariable+"=1")
	}
	most := q.limit + time.Minute
	if q.form == byHunt {
		most = 3 * time.Minute
	}
	limited, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	cmd := exec.CommandContext(limited, b.doctor, append(args, "-run", "^Test"+name+"$")...)
	var out bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = filepath.Join(b.dir, "tests"), env, &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = time.Minute
	_ = cmd.Run() // the status is that of the tests
	f.hangs, f.endless = bytes.Contains(out.Bytes(), []byte("test timed out")), limited.Err() != nil
	f.runs = 1
	if m := runsForm.FindSubmatch(out.Bytes()); m != nil {
		f.runs, _ = strconv.Atoi(string(m[1]))
	}
	rep, err := readReport(report)
	if err != nil {
		f.err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(out.Bytes()))
		return f
	}
	for _, p := range rep.Blocked {
		f.blocked += p.Count
	}
	for i := range rep.Findings {
		if sidebyside.IsSerious(&rep.Findings[i]) {
			f.findings = append(f.findings, rep.Findings[i])
		}
	}
	return f
}

func readReport(name string) (*finding.Report, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return finding.Read(io.Reader(file))
}

// String is the cells of a row behind the name.
func (f *found) String() string {
	if f.err != nil {
		return fmt.Sprintf("| | broken: %s | | |", strings.SplitN(f.err.Error(), "\n", 2)[0])
	}
	ended := "by itself"
	switch {
	case f.endless:
		ended = "endless"
	case f.hangs:
		ended = "timed out"
	}
	var rules, resources []string
	for i := range f.findings {
		one := &f.findings[i]
		rules = append(rules, string(one.Rule)+" "+one.Certainty.String())
		for _, r := range one.Resources {
			resources = append(resources, cmp.Or(r.Name, "("+string(r.Kind)+")"))
		}
	}
	named := "no"
	if f.named {
		named = "yes"
	}
	return fmt.Sprintf("%s | %d | %s | %s | %s | %d", ended, f.runs, unique(rules), named, unique(resources), f.blocked)
}

func unique(words []string) string {
	slices.Sort(words)
	return strings.ReplaceAll(strings.Join(slices.Compact(words), ", "), "|", `\|`)
}
