package hunt

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseStrategies(t *testing.T) {
	for _, tt := range []struct {
		text string
		want []Strategy
		fine bool
	}{
		{"all", All, true},
		{"random", []Strategy{Random}, true},
		{"priorities,none", []Strategy{Priorities, None}, true},
		{"", nil, false},
		{"random,chaos", nil, false},
	} {
		got, err := ParseStrategies(tt.text)
		if (err == nil) != tt.fine || !cmp.Equal(tt.want, got) {
			t.Errorf("%q: %v, %v", tt.text, got, err)
		}
	}
}

func TestPerturbationString(t *testing.T) {
	p := Perturbation{Strategy: Directed, Seed: 7, Budget: time.Millisecond, Sites: []Site{{"/a b,c.go", 3}, {"d.go", 4}}}
	if got, want := p.String(), "directed,7,1000000\n/a b,c.go:3\nd.go:4"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestPlan(t *testing.T) {
	sites := []Site{{"a.go", 1}}
	p := &Plan{Seed: 5}
	if got := p.Run(0, sites); got.Strategy != None {
		t.Errorf("the first run is disturbed: %v", got)
	}
	var ways []Strategy
	seeds := make(map[uint64]bool)
	for number := 1; number <= 30; number++ {
		run := p.Run(number, sites)
		if diff := cmp.Diff(run, p.Run(number, sites)); diff != "" {
			t.Errorf("run %d differs from itself: %s", number, diff)
		}
		if run.Budget != DefaultBudget || (run.Strategy == Directed) != (run.Sites != nil) {
			t.Errorf("run %d is %v", number, run)
		}
		ways = append(ways, run.Strategy)
		seeds[run.Seed] = true
	}
	if diff := cmp.Diff(All, ways[:3]); diff != "" || len(seeds) < 29 {
		t.Errorf("%d seeds, strategies (-want +got):\n%s", len(seeds), diff)
	}
}

func TestParseSite(t *testing.T) {
	for text, want := range map[string]Site{
		"/a/b.go:7": {"/a/b.go", 7}, `C:\b.go:7`: {`C:\b.go`, 7}, "b.go": {}, ":7": {}, "b.go:0": {}, "b.go:x": {}, "": {},
	} {
		got, err := ParseSite(text)
		if got != want || (err != nil) != (want == Site{}) || err == nil && got.String() != text {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

// TestPlanSites holds that the lines which a report names count more than what runs show.
func TestPlanSites(t *testing.T) {
	at := []Site{{"a.go", 1}}
	p := &Plan{Strategies: []Strategy{Directed}, Sites: at, Alone: true}
	for _, shown := range [][]Site{nil, {{"b.go", 2}}} {
		if diff := cmp.Diff(at, p.Run(0, shown).Sites); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// TestPlanWithoutSites holds that a directed run has something to be directed at.
func TestPlanWithoutSites(t *testing.T) {
	if got := (&Plan{}).Run(1, nil); got.Strategy != Random {
		t.Errorf("without sites: %v", got)
	}
	if got := (&Plan{Strategies: []Strategy{Directed}}).Run(1, nil); got.Strategy != Directed {
		t.Errorf("nothing but directed: %v", got)
	}
}

// TestPlanAlone holds that a seed out of a report gives the run of that seed.
func TestPlanAlone(t *testing.T) {
	found := (&Plan{Seed: 5}).Run(3, nil)
	again := (&Plan{Strategies: []Strategy{found.Strategy}, Seed: found.Seed, Alone: true}).Run(0, nil)
	if diff := cmp.Diff(found, again); diff != "" {
		t.Errorf("(-found +again):\n%s", diff)
	}
}
