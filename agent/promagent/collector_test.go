//go:build !concdoctor_off

package promagent

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/agent/snapshot"
)

// fixed returns a collector of a made-up snapshot.
func fixed(maxClasses int, s *snapshot.Snapshot) *collector {
	return &collector{maxClasses: maxClasses, take: func() *snapshot.Snapshot { return s }}
}

func made() *snapshot.Snapshot {
	s := snapshot.New(time.Now())
	s.Detecting = true
	for i := range 4 {
		s.Classes = append(s.Classes, snapshot.Class{
			ID: i, Kind: finding.Mutex, Name: fmt.Sprint("lock ", i),
			Held: snapshot.Times{Count: 3, SumNanos: 2e6, Buckets: []snapshot.Bucket{{UpToNanos: 90, Count: 1}, {UpToNanos: 2000, Count: 1}, {UpToNanos: 60e9, Count: 1}}},
		})
	}
	s.Classes[0].Waits = snapshot.Times{Count: 2, SumNanos: 1e9, Buckets: []snapshot.Bucket{{UpToNanos: 1e9, Count: 2}}}
	s.Resources = []snapshot.Resource{{ClassID: 0}, {ClassID: 3}}
	s.Goroutines = []snapshot.Goroutine{
		{ID: 1, Holds: []snapshot.Hold{{Resource: 0}, {Resource: 1}}},
		{ID: 2, Wait: &snapshot.Wait{Op: "lock", Resources: []int{0}}},
		{ID: 3, Wait: &snapshot.Wait{Op: "receive", Resources: []int{1}}},
	}
	s.Findings = []finding.Finding{{Rule: "lock-cycle", Count: 3}, {Rule: "lock-cycle", Count: 1}, {Rule: "deadlock", Count: 1}}
	s.Counters = snapshot.Counters{States: 9, GraphLocks: 8, GraphDependencies: 7, Dropped: 6, CutSearches: 5, Bytes: 4}
	return s
}

func TestCollectorText(t *testing.T) {
	want := `
# HELP concdoctor_cut_searches_total Searches for cycles that were given up as too long.
# TYPE concdoctor_cut_searches_total counter
concdoctor_cut_searches_total 5
# HELP concdoctor_detecting 1 while the agent looks for deadlocks, 0 if it was switched off or gave up.
# TYPE concdoctor_detecting gauge
concdoctor_detecting 1
# HELP concdoctor_dropped_dependencies_total Dependencies that left the lock-order graph to make room.
# TYPE concdoctor_dropped_dependencies_total counter
concdoctor_dropped_dependencies_total 6
# HELP concdoctor_finding_sightings_total How often findings were seen since the start.
# TYPE concdoctor_finding_sightings_total counter
concdoctor_finding_sightings_total{rule="deadlock"} 1
concdoctor_finding_sightings_total{rule="lock-cycle"} 4
# HELP concdoctor_findings_total Distinct findings since the start.
# TYPE concdoctor_findings_total counter
concdoctor_findings_total{rule="deadlock"} 1
concdoctor_findings_total{rule="lock-cycle"} 2
# HELP concdoctor_lock_waiters Goroutines that wait for a lock at this moment.
# TYPE concdoctor_lock_waiters gauge
concdoctor_lock_waiters{class="lock 0",kind="mutex"} 1
concdoctor_lock_waiters{class="lock 1",kind="mutex"} 0
concdoctor_lock_waiters{class="other",kind="lock"} 0
# HELP concdoctor_locks_held Locks in goroutines' hands at this moment; a lock counts for each reader.
# TYPE concdoctor_locks_held gauge
concdoctor_locks_held{class="lock 0",kind="mutex"} 1
concdoctor_locks_held{class="lock 1",kind="mutex"} 0
concdoctor_locks_held{class="other",kind="lock"} 1
# HELP concdoctor_memory_bytes About what the agent's tables take.
# TYPE concdoctor_memory_bytes gauge
concdoctor_memory_bytes 4
# HELP concdoctor_statistics_enabled 1 while hold and wait times are measured.
# TYPE concdoctor_statistics_enabled gauge
concdoctor_statistics_enabled 0
`
	err := testutil.CollectAndCompare(fixed(2, made()), strings.NewReader(want),
		"concdoctor_cut_searches_total", "concdoctor_detecting", "concdoctor_dropped_dependencies_total",
		"concdoctor_finding_sightings_total", "concdoctor_findings_total", "concdoctor_lock_waiters",
		"concdoctor_locks_held", "concdoctor_memory_bytes", "concdoctor_statistics_enabled")
	if err != nil {
		t.Error(err)
	}
}

// TestHistograms looks at the classes beyond the bound, which add up.
func TestHistograms(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(fixed(2, made()))
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, family := range families {
		if family.GetName() != "concdoctor_lock_held_seconds" {
			continue
		}
		for _, m := range family.GetMetric() {
			if m.GetLabel()[0].GetValue() != "other" {
				continue
			}
			seen++
			h := m.GetHistogram()
			if h.GetSampleCount() != 6 || h.GetSampleSum() != 0.004 {
				t.Errorf("count %d, sum %v; want 6 and 0.004", h.GetSampleCount(), h.GetSampleSum())
			}
			for _, b := range h.GetBucket() {
				want := uint64(2)
				if b.GetUpperBound() >= 5e-6 {
					want = 4
				}
				if b.GetCumulativeCount() != want {
					t.Errorf("bucket %v: %d, want %d", b.GetUpperBound(), b.GetCumulativeCount(), want)
				}
			}
		}
	}
	if seen != 1 {
		t.Errorf("%d histograms of the other classes, want 1", seen)
	}
}

func TestSeriesAreBounded(t *testing.T) {
	s := snapshot.New(time.Now())
	for i := range 1000 {
		times := snapshot.Times{Count: 1, Buckets: []snapshot.Bucket{{UpToNanos: 1, Count: 1}}}
		s.Classes = append(s.Classes, snapshot.Class{ID: i, Name: fmt.Sprint(i), Held: times, Read: times, Waits: times})
	}
	const bound = 10
	if n := testutil.CollectAndCount(fixed(bound, s), "concdoctor_lock_held_seconds"); n != 2*(bound+1) {
		t.Errorf("%d series, want those of %d classes and the others", n, bound)
	}
}

// TestClassesThatLookAlike have one series: Prometheus refuses two with equal labels.
func TestClassesThatLookAlike(t *testing.T) {
	s := made()
	for i := range s.Classes {
		s.Classes[i].Name, s.Classes[i].Site = "", finding.Frame{Func: fmt.Sprintf("example.com/%d/bank.Move", i), File: "/x/bank.go", Line: 5}
	}
	if n := testutil.CollectAndCount(fixed(10, s), "concdoctor_locks_held"); n != 1 {
		t.Errorf("%d series, want 1", n)
	}
}

// TestHostileNames: a name that is not UTF-8 must not take the other metrics down, nor
// two that become equal.
func TestHostileNames(t *testing.T) {
	s := made()
	s.Classes[0].Name, s.Classes[1].Name = "lock \xff\x1b", "lock \xfe\x1b"
	s.Classes[2].Name, s.Classes[2].Site = "", finding.Frame{Func: "a.B", File: "/src/\xff/b.go", Line: 5}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(fixed(3, s))
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, m := range families {
		for _, metric := range m.GetMetric() {
			for _, l := range metric.GetLabel() {
				found = found || l.GetValue() == "lock \ufffd\ufffd"
			}
		}
	}
	if !found {
		t.Error("no class has the cleaned name")
	}
}

func TestNamesAreClean(t *testing.T) {
	problems, err := testutil.CollectAndLint(fixed(2, made()))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

//go:noinline
func takeScraped(mu *agent.Mutex) { mu.Lock() }

// TestCollectorOfThisProcess scrapes while a lock is held.
func TestCollectorOfThisProcess(t *testing.T) {
	agent.Configure(agent.Options{Output: io.Discard, Statistics: true})
	defer agent.Configure(agent.Options{})
	var mu agent.Mutex
	takeScraped(&mu)
	mu.Unlock()
	takeScraped(&mu)
	defer mu.Unlock()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(NewCollector(Options{}))
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]float64{}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == "class" && strings.HasPrefix(l.GetValue(), "promagent.takeScraped ") {
					found[family.GetName()] += m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
				}
			}
		}
	}
	if found["concdoctor_locks_held"] != 1 || found["concdoctor_lock_held_seconds"] != 1 {
		t.Errorf("found %v", found)
	}
}
