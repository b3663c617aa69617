package graph

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
)

func stack(function string, line int) finding.Stack {
	return finding.Stack{
		{Func: "sync.(*Mutex).Lock", File: "/usr/local/go/src/sync/mutex.go", Line: 46},
		{Func: function, File: "/src/x.go", Line: line},
	}
}

// text is the graph in lines: "goroutine 1 -waits-> A".
func text(g Graph) []string {
	kinds := [...]string{Waits: "waits", Asks: "asks", Holds: "holds", Touches: "touches"}
	var all []string
	for _, e := range g.Edges {
		all = append(all, fmt.Sprintf("%s -%s-> %s: %s", g.Nodes[e.From].Lines[0], kinds[e.Kind], g.Nodes[e.To].Lines[0], e.Label))
	}
	return all
}

func two(certainty finding.Certainty, nanos int64) finding.Finding {
	g := func(id uint64, holds, waits int) finding.Goroutine {
		return finding.Goroutine{ID: id,
			Holds: []finding.Hold{{Resource: holds, Mode: finding.Exclusive, Stack: stack("main.f", 1)}},
			Wait:  &finding.Wait{Resource: waits, Mode: finding.Exclusive, Stack: stack("main.f", 2), Nanos: nanos}}
	}
	return finding.Finding{Certainty: certainty, Resources: []finding.Resource{{Kind: finding.Mutex, Name: "a.mu"}, {Kind: finding.RWMutex}},
		Goroutines: []finding.Goroutine{g(1, 0, 1), g(2, 1, 0)}}
}

func TestOf(t *testing.T) {
	mutex := []finding.Resource{{Kind: finding.Mutex}}
	place := func(role string, measures ...finding.Measure) finding.Place {
		return finding.Place{Role: role, Stack: stack("main.g", 7), Measures: measures}
	}
	second := finding.Measure{Name: "x", Value: 1e9, Unit: finding.Nanos}
	for _, tt := range []struct {
		name string
		f    finding.Finding
		want []string
	}{
		{"deadlock", two(finding.Observed, 4e9), []string{
			"A = mutex a.mu -holds-> goroutine 1: held", "goroutine 1 -waits-> B = rwmutex: waits 4 s exclusive",
			"B = rwmutex -holds-> goroutine 2: held exclusive", "goroutine 2 -waits-> A = mutex a.mu: waits 4 s"}},
		{"could deadlock", two(finding.Potential, 0), []string{
			"A = mutex a.mu -holds-> goroutine 1: held", "goroutine 1 -asks-> B = rwmutex: asks exclusive",
			"B = rwmutex -holds-> goroutine 2: held exclusive", "goroutine 2 -asks-> A = mutex a.mu: asks"}},
		{"race", finding.Finding{Resources: []finding.Resource{{Kind: finding.Variable}}, Goroutines: []finding.Goroutine{
			{ID: 3, State: "reads", Stack: stack("main.r", 1)}, {Name: "w", State: "wrote", Stack: stack("main.w", 1)}}},
			[]string{"goroutine 3 -touches-> A = variable: reads", "goroutine w -touches-> A = variable: wrote"}},
		{"contention", finding.Finding{Resources: mutex, Places: []finding.Place{
			place("waits here", finding.Number("times", 3), second), place("holds it until here"), place("created here"), place("blocks here", second)}},
			[]string{"waits here -waits-> A = mutex: waits 1 s", "A = mutex -holds-> holds it until here: held", "A = mutex -touches-> blocks here: blocks 1 s"}},
		{"places of two resources say nothing", finding.Finding{Resources: append(mutex, mutex...), Places: []finding.Place{place("waits here")}}, nil},
		{"places without a resource", finding.Finding{Places: []finding.Place{place("waits here")}}, nil},
		{"a stack that is not known", finding.Finding{Resources: mutex, Places: []finding.Place{{Role: "waits here"}}}, nil},
		{"bystanders", finding.Finding{Resources: mutex, Goroutines: []finding.Goroutine{{ID: 1}}, Places: []finding.Place{place("created here")}},
			[]string{"goroutine 1 -touches-> A = mutex: "}},
	} {
		if diff := cmp.Diff(tt.want, text(Of(&tt.f))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestNodesAreNarrow(t *testing.T) {
	f := two(finding.Observed, 1)
	f.Resources[0].Name = "example.com/a/very/long/name/of/a/package/with/a.(*Type).Field.Of.A.Struct"
	f.Resources[1].Class = finding.Frame{Func: "short"}
	g := Of(&f)
	if got, want := g.Nodes[1].Lines[0], "A = mutex example.com…ype).Field.Of.A.Struct"; len([]rune(got)) != maxLine-1 || got[:20] != want[:20] {
		t.Errorf("name %q", got)
	}
	for _, n := range g.Nodes {
		for _, line := range n.Lines {
			if len([]rune(line)) > maxLine {
				t.Errorf("a line of %d characters: %q", len([]rune(line)), line)
			}
		}
	}
}
