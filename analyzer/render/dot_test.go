package render

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// drawn is what graphviz read.
type drawn struct {
	Objects []struct {
		Name, Label string
		Nodes       []int
	}
	Edges []struct {
		Tail, Head int
		Label      string
	}
}

// graphviz lets the program that the form is made for read it.
func graphviz(t *testing.T, text string) drawn {
	t.Helper()
	dot, err := exec.LookPath("dot")
	if err != nil {
		t.Skip("graphviz is not installed")
	}
	cmd := exec.Command(dot, "-Tjson")
	cmd.Stdin = strings.NewReader(text)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || stderr.Len() > 0 {
		t.Fatalf("dot: %v\n%s\n%s", err, stderr.String(), text)
	}
	var d drawn
	if err := json.Unmarshal(out, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDOTIsDrawn(t *testing.T) {
	d := graphviz(t, render(t, readReport(t, "full.json"), "dot", Options{}))
	var clusters, nodes int
	for _, o := range d.Objects {
		if strings.HasPrefix(o.Name, "cluster_") {
			clusters++
		} else {
			nodes++
		}
	}
	if clusters != 5 || nodes != 4+3+2+3+2 || len(d.Edges) != 4+2+1+2+1 {
		t.Errorf("%d clusters, %d nodes, %d edges", clusters, nodes, len(d.Edges))
	}
}

// TestDOTOfHostileNames: what a name says is a label, whatever it holds.
func TestDOTOfHostileNames(t *testing.T) {
	for _, name := range []string{`"]; evil [label="`, `back\`, `\N\G`, "<b>html</b>", "two\nlines", "é\x1b[0m", `a\"b`, "a&amp;b"} {
		rep := finding.NewReport(finding.Tool{})
		rep.Summary.Verdict = name
		rep.Findings = []finding.Finding{{
			Rule: finding.RuleID(name), Certainty: finding.Observed, Severity: finding.Error, Title: name, Fingerprint: name,
			Resources:  []finding.Resource{{Kind: finding.Mutex, Name: name}},
			Goroutines: []finding.Goroutine{{ID: 1, Name: name, Wait: &finding.Wait{}}},
		}}
		d := graphviz(t, render(t, rep, "dot", Options{}))
		if len(d.Objects) != 3 || len(d.Edges) != 1 {
			t.Errorf("%q: %d objects and %d edges, want a cluster, two nodes and an edge", name, len(d.Objects), len(d.Edges))
		}
	}
	d := graphviz(t, render(t, readReport(t, "quiet.json"), "dot", Options{}))
	if len(d.Objects) != 0 {
		t.Errorf("a report without a graph has %d objects", len(d.Objects))
	}
}
