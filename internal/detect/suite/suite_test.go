//go:build !concdoctor_off

package suite

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/internal/detect/suite/table"
)

var update = flag.Bool("update", false, "write the columns of the agent and go-deadlock in docs/scenarios.md")

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
	text.WriteString("\n## go-deadlock's own tests\n\nThey pass on the agent's types, through a shim, except for these:\n\n")
	for _, name := range slices.Sorted(maps.Keys(deviations)) {
		fmt.Fprintf(&text, "- %s: %s.\n", name, deviations[name])
	}
	return text.String()
}

// compareTable holds the columns of docs/scenarios.md to what was seen.
func compareTable(t *testing.T, rows []*row) {
	known, err := table.Read(table.File)
	if err != nil {
		t.Fatal(err)
	}
	var seen []table.Row
	for _, r := range rows {
		for try := 0; !*update && try < peerTries && r.peerText() != known.Cell(r.sc.name, r.kind, table.GoDeadlock); try++ {
			r.peer = start(t, "go-deadlock", r.kind, r.sc)
		}
		one := table.Row{Name: r.sc.name, Kind: r.kind, Truth: string(r.sc.truth)}
		one.Cells[table.Agent], one.Cells[table.GoDeadlock] = r.agentText(), r.peerText()
		seen = append(seen, one)
	}
	next := known.With(seen, table.Agent, table.GoDeadlock).WithTail(deviationsText())
	if *update {
		if err := next.Write(table.File); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(known.String(), next.String()); diff != "" {
		t.Errorf("docs/scenarios.md is not what was seen (-file +seen):\n%s", diff)
	}
}

// peerTries is how often go-deadlock is asked again where it says something else than
// the file: some of its reports depend on which goroutine comes first.
const peerTries = 5
