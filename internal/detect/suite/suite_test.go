//go:build !concdoctor_off

package suite

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/scenarios.md")

// row is what both detectors say of a scenario with one kind of lock.
type row struct {
	sc          *scenario
	kind        string
	agent, peer result
}

// TestScenarios runs everything with both detectors.
func TestScenarios(t *testing.T) {
	var rows []*row
	t.Run("all", func(t *testing.T) {
		for i := range scenarios {
			for _, kind := range scenarios[i].kinds {
				r := &row{sc: &scenarios[i], kind: kind}
				rows = append(rows, r)
				t.Run(r.sc.name+"/"+kind, func(t *testing.T) {
					t.Parallel()
					r.agent = start(t, "agent", kind, r.sc)
					r.peer = start(t, "go-deadlock", kind, r.sc)
					r.check(t)
				})
			}
		}
	})
	if !t.Failed() {
		compareTable(t, rows)
	}
}

// check holds the agent to what is wanted of it, and to go-deadlock where that is right.
func (r *row) check(t *testing.T) {
	var got []brief
	for i := range r.agent.Findings {
		got = append(got, briefOf(&r.agent.Findings[i]))
	}
	if diff := cmp.Diff(r.sc.kinded(r.kind), got); diff != "" {
		t.Errorf("the agent's findings (-want +got):\n%s", diff)
	}
	if faulty := r.sc.truth != harmless; faulty == (len(r.peer.Peer) > 0) && faulty != (len(got) > 0) {
		t.Errorf("go-deadlock is right (%v) and the agent is not", r.peer.Peer)
	}
	if r.sc.truth == hangs == r.agent.Ended {
		t.Errorf("the truth is %q, the program ended: %v", r.sc.truth, r.agent.Ended)
	}
}

// agentText and peerText are the cells of the table.
func (r *row) agentText() string {
	var said []string
	for _, f := range r.agent.Findings {
		said = append(said, fmt.Sprintf("%s (%s)", f.Rule, f.Certainty))
	}
	return mark(r.sc, len(said) > 0) + orSilent(said)
}

func (r *row) peerText() string {
	said := r.peer.Peer
	if r.sc.truth == hangs && said != nil {
		said = []string{"reported"} // by what comes first, which differs from run to run
	}
	return mark(r.sc, len(said) > 0) + orSilent(said)
}

func orSilent(said []string) string {
	if said == nil {
		return "silent"
	}
	return strings.Join(said, ", ")
}

// mark shows what is wrong: a miss or a false alarm.
func mark(sc *scenario, reported bool) string {
	switch {
	case sc.truth == harmless && reported:
		return "**false alarm:** "
	case sc.truth != harmless && !reported:
		return "**miss:** "
	}
	return ""
}

// deviationsText lists the tests of go-deadlock that the agent's types fail on purpose.
func deviationsText() string {
	var text strings.Builder
	text.WriteString("\n## go-deadlock's own tests\n\nThey pass on the agent's types, through a shim, but for these:\n\n")
	for _, name := range slices.Sorted(maps.Keys(deviations)) {
		fmt.Fprintf(&text, "- %s: %s.\n", name, deviations[name])
	}
	return text.String()
}

const tableFile = "../../../docs/scenarios.md"

const tableHead = `# Scenarios

Every program below runs in a process of its own, once with the agent and once with
[go-deadlock](https://github.com/sasha-s/go-deadlock) v0.3.9, which sees Mutex and RWMutex only. go-deadlock's
time-out for a wait is set to one second, the agent's default, instead of its own 30 seconds, so that a hang needs not
be waited for so long; the slow critical section of two seconds stands for one that is longer than 30. A *miss* says nothing about a program that hangs or can hang, a *false alarm* says something about
a harmless one. This file is written and checked by a test:

` + "```text\ngo test ./internal/detect/suite -update\n```" + `

| scenario | lock | truth | agent | go-deadlock |
| --- | --- | --- | --- | --- |
`

// compareTable holds docs/scenarios.md to what was seen.
func compareTable(t *testing.T, rows []*row) {
	if *update {
		if err := os.MkdirAll(filepath.Dir(tableFile), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(tableFile, []byte(table(rows)), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	file, err := os.ReadFile(tableFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		for try := 0; try < peerTries && !strings.Contains(string(file), r.line()); try++ {
			r.peer = start(t, "go-deadlock", r.kind, r.sc)
		}
	}
	if diff := cmp.Diff(string(file), table(rows)); diff != "" {
		t.Errorf("%s is not what was seen (-file +seen):\n%s", tableFile, diff)
	}
}

// peerTries is how often go-deadlock is asked again where it says something else than
// the file: some of its reports depend on who comes first.
const peerTries = 5

func table(rows []*row) string {
	var text strings.Builder
	text.WriteString(tableHead)
	for _, r := range rows {
		text.WriteString(r.line())
	}
	text.WriteString(deviationsText())
	return text.String()
}

func (r *row) line() string {
	return fmt.Sprintf("| %s | %s | %s | %s | %s |\n", r.sc.name, r.kind, r.sc.truth, r.agentText(), r.peerText())
}
