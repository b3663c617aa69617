package sidebyside

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

// clockWord is the first argument of a program that is to be a clock.
const clockWord = "-sidebyside-clock"

// IsClock reports whether this process was started to take the time of a test program.
func IsClock() bool { return len(os.Args) > 3 && os.Args[1] == clockWord }

// Clock runs a test program for the go command and writes down what it took. It returns
// the exit status. A program that sets Tests.Clock calls it where IsClock says so.
func Clock() (status int) {
	file, args := os.Args[2], os.Args[3:]
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGQUIT, os.Interrupt) // the go command's, to what takes too long
	began := time.Now()
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "sidebyside:", err)
		return 1
	}
	go func() {
		for s := range signals {
			cmd.Process.Signal(s)
		}
	}()
	err := cmd.Wait()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = nil
	}
	state := cmd.ProcessState
	if err = errors.Join(err, note(file, taken{time.Since(began), state.UserTime() + state.SystemTime()})); err != nil {
		fmt.Fprintln(os.Stderr, "sidebyside:", err)
		return 1
	}
	if state.ExitCode() < 0 {
		return 2 // a signal ended it
	}
	return state.ExitCode()
}

// taken is what test programs took, with all that they started and waited for.
type taken struct{ Wall, CPU time.Duration }

// note appends a line, in one write.
func note(name string, t taken) error {
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

// noted adds up what was noted in a file; there is none where no test program ran.
func noted(name string) (sum taken, err error) {
	file, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return sum, nil
	}
	if err != nil {
		return sum, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var t taken
		if err := json.Unmarshal(lines.Bytes(), &t); err != nil {
			return sum, err
		}
		sum.Wall += t.Wall
		sum.CPU += t.CPU
	}
	return sum, lines.Err()
}
