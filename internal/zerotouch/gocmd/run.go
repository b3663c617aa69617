package gocmd

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/internal/scratch"
	"github.com/concdoctor/concdoctor/internal/zerotouch/toolexec"
)

// TapeDir is the environment variable that names the directory in which observed
// programs, and their children, leave their records. Without it they do not record.
const TapeDir = "CONCDOCTOR_TAPE_DIR"

// Options are what a run needs beside the command line.
type Options struct {
	// Program is the path of concdoctor, which the go command calls in place of its
	// tools.
	Program string
	// Tapes is the directory for records, "" for none: then programs get no TapeDir but
	// the one in Env.
	Tapes string
	// Races says that accesses to memory are watched; see Command.WatchAccesses.
	Races bool
	// Settings are those of ReadSettings.
	Settings *Settings
	// Env is the environment; nil is that of this process.
	Env []string
	// The streams are handed on as they are; a nil Stdin is empty.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// Outcome is what came of a run.
type Outcome struct {
	// Status is the exit status of the go command, as a shell reports it: 128 and the
	// number of the signal that ended it.
	Status int
	Marks  toolexec.Marks
}

// Run runs the go command and waits for its end. It fails if the command could not be
// started; that the command itself fails is in Outcome.
//
// Signals that a terminal or a supervisor sends go to the go command, which does with
// them what it always does; a second and a third one too.
func (c *Command) Run(opts Options) (Outcome, error) {
	made, err := scratch.Make("build")
	if err != nil {
		return Outcome{}, err
	}
	defer made.Remove() // what is left is swept by the next command
	marks := made.Path
	chain, err := c.chain(opts.Settings)
	if err != nil {
		return Outcome{}, err
	}
	flag, err := toolexec.Flag(opts.Program, toolexec.Config{Marks: marks, Chain: chain, Races: opts.Races})
	if err != nil {
		return Outcome{}, err
	}
	cmd := exec.Command("go", c.Args(flag, opts.Settings)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = opts.Stdin, opts.Stdout, opts.Stderr
	cmd.Env = opts.environment()
	status, err := runForwarding(cmd)
	if err != nil {
		return Outcome{}, err
	}
	left, err := toolexec.ReadMarks(marks)
	return Outcome{Status: status, Marks: left}, err
}

func (o *Options) environment() []string {
	env := slices.Clone(o.Env)
	if env == nil {
		env = os.Environ()
	}
	if o.Tapes == "" {
		return env
	}
	env = slices.DeleteFunc(env, func(v string) bool { return strings.HasPrefix(v, TapeDir+"=") })
	return append(env, TapeDir+"="+o.Tapes)
}

// runForwarding runs a command and hands signals on to it meanwhile. One that the
// terminal sent has reached the command already; the go command takes it once.
func runForwarding(cmd *exec.Cmd) (status int, err error) {
	signals := make(chan os.Signal, 8)
	for _, s := range forwarded {
		if !signal.Ignored(s) { // as by nohup: then the command ignores it too
			signal.Notify(signals, s)
		}
	}
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("running the go command: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		for {
			select {
			case s := <-signals:
				_ = cmd.Process.Signal(s) // it may have ended just now
			case <-ended:
				return
			}
		}
	}()
	err = cmd.Wait()
	close(ended)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, fmt.Errorf("running the go command: %w", err)
	}
	return exitStatus(cmd.ProcessState), nil
}
