package hunt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer"
	"github.com/concdoctor/concdoctor/internal/zerotouch/gocmd"
	"github.com/concdoctor/concdoctor/internal/zerotouch/verdict"
)

const (
	// maxOutput bounds what is kept of a run's output: its beginning.
	maxOutput = 16 << 20
	// raceMark is in the output of a program that the race detector caught.
	raceMark = "WARNING: DATA RACE"
	// mercy is how long a program that hangs has to write its goroutines down.
	mercy = 5 * time.Second
	// belief is how long goroutines that hang as far as is known must not have moved
	// until their run is ended. Of a hang that is certain no more is to be waited for. Where
	// one is only suspected, and each goroutine of the program waits, it is four times as long.
	belief = 5 * time.Second
)

// run is one run of a program. Of the first the output is the hunt's; that of the others
// is kept back, and shown if the run fails.
type run struct {
	config *Config
	std    Streams
	argv   []string
	dir    string
	how    Perturbation
	first  bool

	kept bounded
	// hung says that the run was ended since it hung.
	hung bool
	// places are where it may matter which goroutine comes first, as far as the run showed them.
	places []finding.Frame
}

func (r *run) do(ctx context.Context) (rep *finding.Report, status int, err error) {
	cmd := exec.Command(r.argv[0], r.argv[1:]...)
	r.connect(cmd)
	cmd.Env = append(os.Environ(), gocmd.TapeDir+"="+r.dir, Variable+"="+r.how.String())
	if err := cmd.Start(); err != nil {
		return nil, 1, err
	}
	hangs := make(chan struct{}, 1)
	endIf := func(ends func(finding.Finding) bool) func(string, finding.Finding) {
		return func(_ string, f finding.Finding) {
			if ends(f) {
				select {
				case hangs <- struct{}{}:
				default:
				}
			}
		}
	}
	w := verdict.Watch(ctx, r.dir, verdict.Options{
		Suppress: r.config.Suppress, SuppressFiles: r.config.SuppressFiles, Version: r.config.Version,
		OnHang: endIf(isHarm), OnLasting: endIf(isStop), Lasting: belief,
		Limits: r.config.Limits,
	})
	status = r.wait(ctx, cmd, hangs)
	rep, err = w.Finish()
	r.places = w.Places()
	if r.hung {
		sayHung(rep.Blocked)
	}
	if err != nil {
		return rep, status, err
	}
	if err := r.races(ctx, rep); err != nil {
		return rep, status, err
	}
	if status != 0 && !r.first && r.std.Out != nil {
		_, err = r.std.Out.Write(r.kept.data.Bytes())
	}
	return rep, status, err
}

// connect gives the program its streams.
func (r *run) connect(cmd *exec.Cmd) {
	if !r.first {
		cmd.Stdout, cmd.Stderr = &r.kept, &r.kept
		return
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = r.std.In, r.std.Out, r.std.Err
	switch {
	case r.std.Direct:
	case r.std.Err == nil:
		cmd.Stderr = &r.kept
	default:
		cmd.Stderr = io.MultiWriter(r.std.Err, &r.kept)
	}
}

// wait waits for the program's end. One that hangs is asked for its goroutines and ended:
// nothing else will come of it.
func (r *run) wait(ctx context.Context, cmd *exec.Cmd, hangs <-chan struct{}) (status int) {
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-ended:
	case <-ctx.Done():
		r.stop(cmd, ended, os.Interrupt)
	case <-hangs:
		r.hung = true
		r.stop(cmd, ended, syscall.SIGQUIT)
	}
	if code := cmd.ProcessState.ExitCode(); code >= 0 {
		return code
	}
	return 2 // ended by a signal
}

func (r *run) stop(cmd *exec.Cmd, ended <-chan error, signal os.Signal) {
	// An error says that it has ended already.
	_ = cmd.Process.Signal(signal)
	select {
	case <-ended:
	case <-time.After(mercy):
		_ = cmd.Process.Kill()
		<-ended
	}
}

// races adds what the race detector wrote.
func (r *run) races(ctx context.Context, rep *finding.Report) error {
	if !bytes.Contains(r.kept.data.Bytes(), []byte(raceMark)) {
		return nil
	}
	log := filepath.Join(r.dir, "output.log")
	if err := os.WriteFile(log, r.kept.data.Bytes(), 0o600); err != nil {
		return fmt.Errorf("keeping a run's output: %w", err)
	}
	said, err := analyzer.Analyze(ctx, []string{log}, analyzer.Options{Suppress: r.config.Suppress, SuppressFiles: r.config.SuppressFiles})
	if err != nil {
		return errors.Join(errors.New("reading the race detector's reports"), err)
	}
	rep.Findings = append(rep.Findings, said.Findings...)
	rep.Normalize()
	return nil
}

// bounded keeps the first maxOutput bytes written to it.
type bounded struct{ data bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	b.data.Write(p[:min(len(p), max(0, maxOutput-b.data.Len()))])
	return len(p), nil
}
