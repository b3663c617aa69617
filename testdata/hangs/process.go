package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// startLimit is how long a program may take to get going, and to end when it is asked to, on a
// machine that is busy.
const startLimit = time.Minute

// process is a group of processes with what they write.
type process struct {
	cmd         *exec.Cmd
	out, errOut record
	ended       chan struct{}
}

// start starts a command as the leader of a group of its own.
func start(ctx context.Context, env []string, args ...string) (*process, error) {
	p := &process{cmd: exec.CommandContext(ctx, args[0], args[1:]...), ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.Env = &p.out, &p.errOut, env
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.Cancel = func() error { return p.signal(syscall.SIGKILL) }
	p.cmd.WaitDelay = time.Second
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // the status tells how
	}()
	return p, nil
}

// signal sends a signal to all of the group, as a terminal does.
func (p *process) signal(s syscall.Signal) error { return syscall.Kill(-p.cmd.Process.Pid, s) }

// isOver waits for the end, no longer than the limit.
func (p *process) isOver(limit time.Duration) bool {
	select {
	case <-p.ended:
		return true
	case <-time.After(limit):
		return false
	}
}

// end waits for the end, which is near, and kills what does not come to it.
func (p *process) end() error {
	if p.isOver(startLimit) {
		return nil
	}
	_ = p.signal(syscall.SIGKILL)
	<-p.ended
	return fmt.Errorf("%v did not end\n%s", p.cmd.Args, p.errOut.text())
}

// address waits for the line in which a program says where it listens.
func (p *process) address() (string, error) {
	for limit := time.Now().Add(startLimit); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		for line := range strings.Lines(p.out.text()) {
			if address, found := strings.CutPrefix(line, "listening "); found && strings.HasSuffix(line, "\n") {
				return strings.TrimSpace(address), nil
			}
		}
		if p.isOver(0) {
			break
		}
	}
	_ = p.signal(syscall.SIGKILL)
	return "", fmt.Errorf("%v does not listen\n%s", p.cmd.Args, p.errOut.text())
}

// record is what a process has written.
type record struct {
	mu   sync.Mutex
	data bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.data.Write(p)
}

func (r *record) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.data.String()
}
