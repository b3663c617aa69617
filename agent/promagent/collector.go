package promagent

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/agent/snapshot"
)

// Options bound what a collector exports. The zero value is the default.
type Options struct {
	// MaxClasses is how many classes of locks get labels of their own; zero means
	// DefaultMaxClasses.
	MaxClasses int
}

// DefaultMaxClasses makes some 3,000 series at most, most of them buckets.
const DefaultMaxClasses = 50

// NewCollector returns a collector that takes a snapshot for each scrape. It is safe for
// concurrent use; one in a process is enough.
func NewCollector(o Options) prometheus.Collector {
	if o.MaxClasses <= 0 {
		o.MaxClasses = DefaultMaxClasses
	}
	return &collector{maxClasses: o.MaxClasses, take: func() *snapshot.Snapshot {
		return agent.Snapshot(snapshot.Options{MaxStacks: -1})
	}}
}

type collector struct {
	maxClasses int
	take       func() *snapshot.Snapshot
}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("concdoctor_"+name, help, labels, nil)
}

var (
	heldSeconds = desc("lock_held_seconds", "How long locks were held, while statistics were on.", "class", "kind", "mode")
	waitSeconds = desc("lock_wait_seconds", "How long acquires that had to wait have waited, while statistics were on.", "class", "kind")
	locksHeld   = desc("locks_held", "Locks in goroutines' hands at this moment; a lock counts for each reader.", "class", "kind")
	lockWaiters = desc("lock_waiters", "Goroutines that wait for a lock at this moment.", "class", "kind")
	findings    = desc("findings_total", "Distinct findings since the start.", "rule")
	sightings   = desc("finding_sightings_total", "How often findings were seen since the start.", "rule")
)

// figure is a metric without labels.
type figure struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(*snapshot.Snapshot) float64
}

var figures = []figure{
	{desc("detecting", "1 while the agent looks for deadlocks, 0 if it was switched off or gave up."), prometheus.GaugeValue,
		func(s *snapshot.Snapshot) float64 { return truth(s.Detecting) }},
	{desc("statistics_enabled", "1 while hold and wait times are measured."), prometheus.GaugeValue,
		func(s *snapshot.Snapshot) float64 { return truth(s.Statistics) }},
	{desc("goroutine_states", "Goroutines that the agent keeps state for."), prometheus.GaugeValue,
		func(s *snapshot.Snapshot) float64 { return float64(s.Counters.States) }},
	{desc("order_graph_locks", "Locks in the lock-order graph."), prometheus.GaugeValue,
		func(s *snapshot.Snapshot) float64 { return float64(s.Counters.GraphLocks) }},
	{desc("order_graph_dependencies", "Dependencies in the lock-order graph."), prometheus.GaugeValue,
		func(s *snapshot.Snapshot) float64 { return float64(s.Counters.GraphDependencies) }},
	{desc("dropped_dependencies_total", "Dependencies that left the lock-order graph to make room."), prometheus.CounterValue,
		func(s *snapshot.Snapshot) float64 { return float64(s.Counters.Dropped) }},
	{desc("cut_searches_total", "Searches for cycles that were given up as too long."), prometheus.CounterValue,
		func(s *snapshot.Snapshot) float64 { return float64(s.Counters.CutSearches) }},
	{desc("memory_bytes", "About what the agent's tables take."), prometheus.GaugeValue,
		func(s *snapshot.Snapshot) float64 { return float64(s.Counters.Bytes) }},
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{heldSeconds, waitSeconds, locksHeld, lockWaiters, findings, sightings} {
		to <- d
	}
	for _, f := range figures {
		to <- f.desc
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	s := c.take()
	for _, f := range figures {
		to <- prometheus.MustNewConstMetric(f.desc, f.kind, f.value(s))
	}
	collectFindings(to, s.Findings)
	for labels, sum := range c.sums(s) {
		sum.collect(to, labels)
	}
}

// collectFindings counts by rule: the certainty of a finding can rise, and a count
// that moves from one label to another would run backwards.
func collectFindings(to chan<- prometheus.Metric, all []finding.Finding) {
	distinct, seen := make(map[finding.RuleID]float64), make(map[finding.RuleID]float64)
	for i := range all {
		distinct[all[i].Rule]++
		seen[all[i].Rule] += float64(all[i].Count)
	}
	for rule, n := range distinct {
		to <- prometheus.MustNewConstMetric(findings, prometheus.CounterValue, n, string(rule))
		to <- prometheus.MustNewConstMetric(sightings, prometheus.CounterValue, seen[rule], string(rule))
	}
}
