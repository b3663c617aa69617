package demo

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/sasha-s/go-deadlock"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
)

// Locks names the kind of mutex that the lock demos run with.
type Locks string

// The kinds of mutex.
const (
	Sync       Locks = "sync"        // package sync: nothing is observed
	GoDeadlock Locks = "go-deadlock" // github.com/sasha-s/go-deadlock, with its defaults
	Agent      Locks = "agent"       // concdoctor's agent
)

// AllLocks lists the kinds, the bare one first.
func AllLocks() []Locks { return []Locks{Sync, GoDeadlock, Agent} }

// ParseLocks accepts the names of the kinds.
func ParseLocks(name string) (Locks, error) {
	for _, l := range AllLocks() {
		if string(l) == name {
			return l, nil
		}
	}
	return "", fmt.Errorf("unknown kind of lock %q: want sync, go-deadlock or agent", name)
}

// watch makes the kind of mutex report to the sender and returns its constructor.
// The agent reports a finding on a goroutine of its own; flush sends once more
// what may still be on its way when the program ends.
func (l Locks) watch(to *sender) (newLock func() sync.Locker, flush func()) {
	send := func(f finding.Finding) { to.send(message{Kind: kindFinding, Finding: &f}) }
	switch l {
	case GoDeadlock:
		var log peerLog
		deadlock.Opts.LogBuf = &log
		// By default it ends the process; the demo goes on, to show what follows.
		deadlock.Opts.OnPotentialDeadlock = func() { to.send(message{Kind: kindPeer, Text: log.take()}) }
		return func() sync.Locker { return new(deadlock.Mutex) }, func() {}
	case Agent:
		agent.Configure(agent.Options{Output: io.Discard})
		agent.OnFinding(send)
		return func() sync.Locker { return new(agent.Mutex) }, func() {
			for _, f := range agent.Findings() {
				send(f)
			}
		}
	}
	return func() sync.Locker { return new(sync.Mutex) }, func() {}
}

// peerLog collects what go-deadlock writes between two reports.
type peerLog struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *peerLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *peerLog) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.buf.Reset()
	return strings.TrimSpace(l.buf.String())
}
