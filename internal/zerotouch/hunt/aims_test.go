package hunt

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// TestAims has directed runs take what findings name and the lines in turns.
func TestAims(t *testing.T) {
	var a aims
	found := []Site{{"cycle.go", 1}, {"cycle.go", 2}}
	run := func(found []Site) []Site {
		sites := a.choose(found)
		a.use(Perturbation{Strategy: Random})
		a.use(Perturbation{Strategy: Directed, Sites: sites})
		return sites
	}
	if got := run(nil); got != nil {
		t.Errorf("without lines: %v", got)
	}
	lines := []finding.Frame{{File: "a.go", Line: 1}, {File: "b.go", Line: 2}}
	a.add(lines)
	a.add(lines)
	var got [][]Site
	for range 3 {
		got = append(got, run(nil))
	}
	a.add([]finding.Frame{{File: "new.go", Line: 3}})
	for range 4 {
		got = append(got, run(found))
	}
	one, two, three := []Site{{"a.go", 1}}, []Site{{"b.go", 2}}, []Site{{"new.go", 3}}
	if diff := cmp.Diff([][]Site{one, two, one, found, three, found, two}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
