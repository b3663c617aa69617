package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

// timer is the first argument that makes this command the one which go test runs test
// programs with.
const timer = "-timer"

// took is what test programs took, with all that they started and waited for.
type took struct{ Wall, CPU time.Duration }

// timed runs a test program and appends what it took to a file. The go command sends
// SIGQUIT to what takes too long.
func timed(file string, args []string) (status int) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGQUIT, os.Interrupt)
	began := time.Now()
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "modules:", err)
		return 1
	}
	go func() {
		for s := range signals {
			cmd.Process.Signal(s)
		}
	}()
	err := cmd.Wait()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		fmt.Fprintln(os.Stderr, "modules:", err)
	}
	state := cmd.ProcessState
	if err := note(file, took{time.Since(began), state.UserTime() + state.SystemTime()}); err != nil {
		fmt.Fprintln(os.Stderr, "modules:", err)
		return 1
	}
	if state.ExitCode() < 0 {
		return 2 // a signal ended it
	}
	return state.ExitCode()
}

// note appends a line, in one write.
func note(name string, t took) error {
	line, err := json.Marshal(t)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(append(line, '\n'))
	return errors.Join(err, file.Close())
}

// noted adds up what was noted in a file, nothing if there is none.
func noted(name string) (sum took, err error) {
	file, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return sum, nil
	}
	if err != nil {
		return sum, err
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var t took
		if err := json.Unmarshal(lines.Bytes(), &t); err != nil {
			return sum, err
		}
		sum.add(t)
	}
	return sum, nil
}

func (t *took) add(o took) {
	t.Wall += o.Wall
	t.CPU += o.CPU
}
