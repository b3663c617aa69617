package standin

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/concdoctor/concdoctor/internal/zerotouch/toolexec"
)

// The environment of the stand-in.
const (
	realGo      = "STANDIN_GO"
	testProgram = "STANDIN_TEST"
	program     = "STANDIN_PROGRAM"
	pidFile     = "STANDIN_PID"
	failed      = 1 // the exit status of go test and go run for all that fails
)

// Programs are what the stand-in starts.
type Programs struct {
	// Test is what go test starts, Program what go run does; "" if it is not called.
	Test, Program string
	// PID names a file that gets the id of the process that was started.
	PID string
}

// Install puts the stand-in into a directory, which [Environment] then names.
func Install(dir string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	link := filepath.Join(dir, "go")
	if err := os.RemoveAll(link); err != nil {
		return err
	}
	return os.Symlink(self, link)
}

// Environment returns an environment in which the stand-in of the directory is the go command.
func Environment(dir string, p Programs) ([]string, error) {
	real, err := exec.LookPath("go")
	if err != nil {
		return nil, err
	}
	path := "PATH=" + dir + string(os.PathListSeparator) + os.Getenv("PATH")
	return append(os.Environ(), path, realGo+"="+real, testProgram+"="+p.Test, program+"="+p.Program, pidFile+"="+p.PID), nil
}

// IsOne reports whether this process was started in place of the go command.
func IsOne() bool { return filepath.Base(os.Args[0]) == "go" && os.Getenv(realGo) != "" }

// Main is the go command. It returns the exit status.
func Main() (status int) {
	args := os.Args[1:]
	switch {
	case len(args) > 0 && args[0] == "test":
		return run(testCommand(args[1:]))
	case len(args) > 0 && args[0] == "run":
		return run(runCommand(args[1:]))
	}
	real := os.Getenv(realGo)
	err := syscall.Exec(real, append([]string{real}, args...), os.Environ())
	fmt.Fprintln(os.Stderr, "standin:", err)
	return failed
}

// run runs a program and waits for it, whatever signals come: the go command does so too, and
// the program gets the same ones from a terminal.
func run(args []string) (status int) {
	signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Start()
	if err == nil {
		err = tellProcess(cmd.Process.Pid)
	}
	if err == nil {
		err = cmd.Wait()
	}
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		fmt.Fprintln(os.Stderr, "standin:", err)
	}
	if err != nil {
		return failed
	}
	return 0
}

// testCommand returns what go test would start.
func testCommand(args []string) []string {
	var run []string
	flags := []string{"-test.paniconexit0"}
	timeout := "10m"
	for i := 0; i < len(args); i++ {
		name, value, assigned := strings.Cut(args[i], "=")
		switch name {
		case "-exec":
			run, _ = toolexec.Split(value)
			continue
		case "-run", "-timeout":
			if !assigned {
				i++
				value = args[i]
			}
			if name == "-timeout" {
				timeout = value
				continue
			}
			flags = append(flags, "-test.run="+value)
		}
	}
	run = append(run, os.Getenv(testProgram))
	return append(append(run, flags...), "-test.timeout="+timeout, "-test.count=1")
}

// runCommand returns what go run would start.
func runCommand(args []string) []string {
	for i, a := range args {
		if !strings.HasPrefix(a, "-") {
			return append([]string{os.Getenv(program)}, args[i+1:]...)
		}
	}
	return []string{os.Getenv(program)}
}

// tellProcess writes down which process was started.
func tellProcess(pid int) error {
	name := os.Getenv(pidFile)
	if name == "" {
		return nil
	}
	if err := os.WriteFile(name+".part", []byte(strconv.Itoa(pid)), 0o600); err != nil {
		return err
	}
	return os.Rename(name+".part", name)
}
