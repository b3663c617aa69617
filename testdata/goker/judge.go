package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/testdata/internal/sidebyside"
)

// judges run a program once and return what they found. All but ours have one word.
var judges = [...]func(ctx context.Context, b *built, name string, limit time.Duration) ([]string, error){byItself, byGoleak, byProfile, byOurs}

// ours is our place among the judges.
const ours = len(judges) - 1

var yes = []string{"yes"}

// outcome is how a run ended.
type outcome struct {
	stdout, stderr bytes.Buffer
	status         int
	endless        bool
}

// once runs the program.
func once(ctx context.Context, binary, name string, limit time.Duration, env ...string) (*outcome, error) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	o := new(outcome)
	cmd := exec.CommandContext(limited, binary, name)
	cmd.Stdout, cmd.Stderr = &o.stdout, &o.stderr
	cmd.Env = append(os.Environ(), env...)
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	o.status, o.endless = cmd.ProcessState.ExitCode(), limited.Err() != nil
	return o, nil
}

func byItself(ctx context.Context, b *built, name string, limit time.Duration) ([]string, error) {
	o, err := once(ctx, b.plain, name, limit)
	if err != nil || o.status == 0 {
		return nil, err
	}
	return yes, nil
}

func byGoleak(ctx context.Context, b *built, name string, limit time.Duration) ([]string, error) {
	o, err := once(ctx, b.goleak, name, limit)
	if err != nil || !bytes.Contains(o.stderr.Bytes(), []byte("goleak found:")) {
		return nil, err
	}
	return yes, nil
}

func byProfile(ctx context.Context, b *built, name string, limit time.Duration) ([]string, error) {
	o, err := once(ctx, b.plain, name, limit)
	if err != nil || !bytes.Contains(o.stdout.Bytes(), []byte("(leaked)")) {
		return nil, err
	}
	return yes, nil
}

func byOurs(ctx context.Context, b *built, name string, limit time.Duration) ([]string, error) {
	tapes, err := os.MkdirTemp(b.dir, "tapes")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tapes)
	if _, err := once(ctx, b.seen, name, limit, "CONCDOCTOR_TAPE_DIR="+tapes); err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(tapes, "*"))
	if err != nil || len(files) == 0 {
		return nil, errors.Join(err, errors.New("nothing was recorded"))
	}
	cmd := exec.CommandContext(ctx, b.doctor, append([]string{"analyze", "--format", "json"}, files...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	const found = 3 // the status that says that there are findings
	if err != nil && cmd.ProcessState.ExitCode() != found {
		return nil, fmt.Errorf("concdoctor analyze: %w\n%s", err, stderr.Bytes())
	}
	var rep finding.Report
	if err := json.Unmarshal(out, &rep); err != nil {
		return nil, fmt.Errorf("reading the report: %w", err)
	}
	return counted(&rep), nil
}

// counted are the rules of the findings that count, each once.
func counted(rep *finding.Report) (rules []string) {
	for i := range rep.Findings {
		if f := &rep.Findings[i]; sidebyside.IsSerious(f) {
			rules = append(rules, string(f.Rule))
		}
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}
