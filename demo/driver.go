package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/demo/internal/backend"
)

// Driver runs demos in child processes of this same executable, whose main
// function must call [Child]. A Driver runs one program at a time.
type Driver struct {
	// Brief asks for runs of about a tenth of the full length.
	Brief bool
	// Locks is the kind of mutex; "" is Agent.
	Locks Locks
	// Limit is how long a program may run before it counts as hung; 0 is DefaultLimit.
	Limit time.Duration
	// Procs is the child's GOMAXPROCS; 0 is DefaultProcs.
	Procs int
	// Dir is where each run's files go, in a directory of its own; "" is a
	// temporary directory that is removed after the run.
	Dir string
	// Race builds the demos that need the race detector; it may be shared by
	// several drivers and must not be nil where such a demo is run.
	Race *RaceBuild
}

const (
	// DefaultLimit is far longer than any program runs that does not hang, on a busy
	// machine too; a hang that the agent sees is over at once.
	DefaultLimit = time.Minute
	// DefaultProcs makes a run the same on every machine, from one core up: two is
	// the least that can show, or lose, parallelism.
	DefaultProcs = 2
	// afterDeadlock is how long a program may go on after it was found hung: time
	// for a second finding, if there is one.
	afterDeadlock = 100 * time.Millisecond
	// lastWords is how long a program that is asked to end may take to write its
	// trace before it is killed.
	lastWords = 5 * time.Second
)

// Row runs a demo's disease and all its twins.
func (d *Driver) Row(ctx context.Context, demo *Demo) Row {
	row := Row{Demo: demo}
	row.Sick, row.Err = d.Run(ctx, demo, "")
	for _, twin := range demo.Twins {
		if row.Err == nil {
			var run *Run
			run, row.Err = d.Run(ctx, demo, twin.Name)
			row.Twins = append(row.Twins, run)
		}
	}
	return row
}

// Run runs one program of a demo, the disease if variant is "", and analyzes what
// it left. A program that hangs or crashes is a result; an error means that it
// could not be run or its files could not be read.
func (d *Driver) Run(ctx context.Context, demo *Demo, variant string) (*Run, error) {
	dir, err := d.newDir(demo.Name + "-" + variant)
	if err != nil {
		return nil, err
	}
	if d.Dir == "" {
		defer os.RemoveAll(dir)
	}
	run := &Run{Demo: demo, Variant: variant, Locks: d.locks()}
	if err := d.execute(ctx, run, dir); err != nil {
		return nil, fmt.Errorf("running demo %s: %w", demo.Name, err)
	}
	if demo.RaceBuild {
		err = d.Race.detect(ctx, run, dir)
	} else {
		err = run.analyze(ctx, dir)
	}
	if errors.Is(err, ErrNoRaceDetector) {
		return nil, err // no fault of this run: it stands as it is beside the demo's name
	}
	if err != nil {
		return nil, fmt.Errorf("running demo %s: %w", demo.Name, err)
	}
	return run, nil
}

func (d *Driver) newDir(name string) (dir string, err error) {
	if d.Dir != "" {
		err = os.MkdirAll(d.Dir, 0o777)
	}
	if err == nil {
		dir, err = os.MkdirTemp(d.Dir, "concdoctor-"+name+"-")
	}
	if err != nil {
		return "", fmt.Errorf("creating a directory for the demo's files: %w", err)
	}
	return dir, nil
}

func (d *Driver) locks() Locks {
	if d.Locks == "" {
		return Agent
	}
	return d.Locks
}

func (d *Driver) limit() time.Duration {
	if d.Limit == 0 {
		return DefaultLimit
	}
	return d.Limit
}

// execute runs the child and fills the run with what it says.
func (d *Driver) execute(ctx context.Context, run *Run, dir string) error {
	service, err := backend.Listen()
	if err != nil {
		return err
	}
	defer service.Close()
	text, err := json.Marshal(order{
		Demo: run.Demo.Name, Variant: run.Variant, Locks: run.Locks,
		Brief: d.Brief, Dir: dir, Backend: service.Addr().String(),
	})
	if err != nil {
		return fmt.Errorf("writing the order: %w", err)
	}
	c, err := d.start(ctx, string(text))
	if err != nil {
		return err
	}
	return c.attend(run, d.limit())
}

// child is a running demo.
type child struct {
	cmd    *exec.Cmd
	begin  time.Time
	stdin  io.Closer // closing it asks the child to end
	stdout io.ReadCloser
	stderr bytes.Buffer
}

func (d *Driver) start(ctx context.Context, order string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program's file: %w", err)
	}
	procs := d.Procs
	if procs == 0 {
		procs = DefaultProcs
	}
	c := &child{cmd: exec.CommandContext(ctx, self, "demo"), begin: time.Now()}
	c.cmd.Args[0] = os.Args[0] // some programs, and test drivers, go by the name they are called
	c.cmd.Env = append(os.Environ(), childVariable+"="+order, fmt.Sprintf("GOMAXPROCS=%d", procs))
	c.cmd.Stderr = &c.stderr
	if c.stdin, err = c.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("starting a child process: %w", err)
	}
	if c.stdout, err = c.cmd.StdoutPipe(); err != nil {
		return nil, fmt.Errorf("starting a child process: %w", err)
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting a child process: %w", err)
	}
	return c, nil
}

// attend collects what the child says until it ends. It is asked to end when its
// time is up or soon after the agent has found it hung, and killed if it will not.
func (c *child) attend(run *Run, limit time.Duration) error {
	ask := time.AfterFunc(limit, func() { c.stdin.Close() })
	kill := time.AfterFunc(limit+lastWords, func() { c.cmd.Process.Kill() })
	defer ask.Stop()
	defer kill.Stop()
	received := receive(c.stdout, func(m message) {
		run.take(m)
		if m.Kind == kindFinding && isHang(m.Finding.Rule) {
			ask.Reset(afterDeadlock)
			kill.Reset(afterDeadlock + lastWords)
		}
	})
	if !run.Ended {
		run.Wall = time.Since(c.begin)
	}
	err := c.cmd.Wait()
	run.Stderr = c.stderr.String()
	switch {
	case received != nil:
		return received
	case err != nil && run.Stderr == "":
		return fmt.Errorf("child process: %w", err)
	}
	return nil
}

// isHang reports whether a finding of the rule means that the program will not end.
func isHang(rule finding.RuleID) bool {
	return rule == finding.RuleDeadlock || rule == finding.RuleSelfDeadlock
}

// take adds a message of the child to the run.
func (r *Run) take(m message) {
	at := time.Duration(m.Nanos)
	switch m.Kind {
	case kindFinding:
		if !r.has(m.Finding.Fingerprint) {
			r.Sightings = append(r.Sightings, Sighting{By: ByAgent, Finding: *m.Finding, At: at})
		}
	case kindPeer:
		r.Peer = append(r.Peer, Mark{Text: m.Text, At: at})
	case kindMark:
		r.Marks = append(r.Marks, Mark{Text: m.Text, At: at})
	case kindMeasure:
		r.Measures = append(r.Measures, *m.Measure)
	case kindEnded:
		r.Ended, r.Wall = true, at
	}
}

// has reports whether the child has sent the finding before.
func (r *Run) has(fingerprint string) bool {
	return slices.ContainsFunc(r.Sightings, func(s Sighting) bool { return s.Finding.Fingerprint == fingerprint })
}

// path returns the name of one of the files of a run.
func path(dir, file string) string { return filepath.Join(dir, file) }
