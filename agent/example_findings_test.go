//go:build !concdoctor_off

package agent_test

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/agent/snapshot"
)

// Two goroutines acquire two locks in opposite orders. They did not meet, so nothing was
// blocked; the agent reports that they can.
func ExampleFindings() {
	agent.Configure(agent.Options{Output: io.Discard})
	defer agent.Configure(agent.Options{})

	var accounts, journal agent.Mutex
	both := func(first, second *agent.Mutex) {
		first.Lock()
		second.Lock()
		second.Unlock()
		first.Unlock()
	}
	for _, run := range []func(){
		func() { both(&accounts, &journal) },
		func() { both(&journal, &accounts) },
	} {
		done := make(chan bool)
		go func() { defer close(done); run() }()
		<-done
	}

	for _, f := range agent.Findings() {
		if strings.Contains(f.Title, "ExampleFindings") {
			fmt.Println(f.Rule, f.Certainty)
		}
	}
	// Output: lock-cycle potential
}

// OnFinding passes findings on, for instance to the alarms of a service.
func ExampleOnFinding() {
	stop := agent.OnFinding(func(f finding.Finding) {
		slog.Error(f.Title, "rule", f.Rule, "fix", f.Fix)
	})
	defer stop()
	// …
	// Output:
}

func ExampleConfigure() {
	agent.Configure(agent.Options{
		JSON:         true,              // one line a finding
		Output:       os.Stderr,         // which is the default
		MinCertainty: finding.Potential, // leave out what is only suspected
		Suppress:     []string{"lock-cycle:legacy.Migrate"},
		SelfWait:     3 * time.Second,
	})
	defer agent.Configure(agent.Options{})
	// …
	// Output:
}

// A declared order is checked at each acquisition.
func ExampleOrdered() {
	agent.Configure(agent.Options{Output: io.Discard})
	defer agent.Configure(agent.Options{})

	var accounts, journal agent.Mutex
	agent.Ordered(&accounts, &journal)

	journal.Lock()
	accounts.Lock() // the wrong way round
	accounts.Unlock()
	journal.Unlock()

	for _, f := range agent.Findings() {
		if strings.Contains(f.Title, "ExampleOrdered") {
			fmt.Println(f.Rule, f.Certainty)
		}
	}
	// Output: lock-order observed
}

// Findings and snapshots show the name of a lock in place of the line that used it first.
func ExampleName() {
	var mu agent.Mutex
	agent.Name(&mu, "the journal")

	mu.Lock()
	defer mu.Unlock()
	for _, r := range agent.Snapshot(snapshot.Options{}).Resources {
		if r.Name != "" {
			fmt.Println(r.Kind, r.Name)
		}
	}
	// Output: mutex the journal
}

// Locks that share a name are acquired in the order of their levels.
func ExampleNested() {
	agent.Configure(agent.Options{Output: io.Discard})
	defer agent.Configure(agent.Options{})

	rows := make([]agent.Mutex, 3)
	for i := range rows {
		agent.Name(&rows[i], "row", agent.Nested(i))
	}
	rows[2].Lock()
	rows[0].Lock() // a lower level under a higher one
	rows[0].Unlock()
	rows[2].Unlock()

	for _, f := range agent.Findings() {
		if strings.Contains(f.Title, "ExampleNested") {
			fmt.Println(f.Rule, f.Certainty)
		}
	}
	// Output: lock-order observed
}

// account has methods that expect its lock to be held.
type account struct {
	mu      agent.RWMutex
	balance int
}

func (a *account) add(n int) {
	agent.AssertHeld(&a.mu)
	a.balance += n
}

func (a *account) read() int {
	agent.AssertRHeld(&a.mu)
	return a.balance
}

func ExampleAssertHeld() {
	agent.Configure(agent.Options{Output: io.Discard})
	defer agent.Configure(agent.Options{})

	var a account
	a.mu.Lock()
	a.add(1)
	a.mu.Unlock()
	a.add(1) // without the lock

	for _, f := range agent.Findings() {
		if strings.Contains(f.Title, "account).add") {
			fmt.Println(f.Rule, f.Certainty)
		}
	}
	// Output: not-held observed
}

func ExampleAssertRHeld() {
	var a account
	a.mu.RLock()
	defer a.mu.RUnlock()
	fmt.Println(a.read())
	// Output: 0
}

// A pooled object has other roles in its next life.
func ExampleForget() {
	type request struct {
		mu   agent.Mutex
		body string
	}
	pool := agent.Pool{New: func() any { return new(request) }}

	r := pool.Get().(*request)
	r.mu.Lock()
	r.body = "…"
	r.mu.Unlock()

	agent.Forget(&r.mu)
	pool.Put(r)
	// Output:
}

func ExampleSnapshot() {
	var mu agent.Mutex
	agent.Name(&mu, "cache")
	mu.Lock()
	defer mu.Unlock()

	s := agent.Snapshot(snapshot.Options{})
	for i, r := range s.Resources {
		if r.Name != "cache" {
			continue
		}
		for _, h := range s.Holders(i) {
			fmt.Printf("%s %s is held, acquired in %s\n", r.Kind, r.Name, h.Hold.Stack.Site().ShortFunc())
		}
	}
	// Output: mutex cache is held, acquired in agent_test.ExampleSnapshot
}

func ExampleSetStatistics() {
	defer agent.SetStatistics(agent.SetStatistics(true))

	var mu agent.Mutex
	agent.Name(&mu, "counters")
	for range 3 {
		mu.Lock()
		mu.Unlock() //nolint:staticcheck // nothing to protect
	}
	for _, c := range agent.Snapshot(snapshot.Options{MaxStacks: -1}).Classes {
		if c.Name == "counters" {
			fmt.Println(c.Held.Count > 0)
		}
	}
	// Output: true
}
