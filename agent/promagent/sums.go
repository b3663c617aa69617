package promagent

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/agent/snapshot"
	"github.com/concdoctor/concdoctor/internal/untrusted"
)

// classLabels are the values of the labels class and kind.
type classLabels struct{ class, kind string }

// other is the label of the classes beyond Options.MaxClasses.
var other = classLabels{"other", "lock"}

// sum is what is known about the classes with the same labels. Usually that is one.
type sum struct {
	held, read, waits times
	holders, waiters  float64
}

// times add up snapshot.Times in the buckets that are exported.
type times struct {
	count   uint64
	nanos   int64
	buckets [len(bounds)]uint64 // not cumulative
}

// bounds are the upper ends of the exported buckets, from what a hold costs at least to
// what no goroutine waits for on purpose.
var bounds = [...]time.Duration{
	100 * time.Nanosecond, 500 * time.Nanosecond,
	time.Microsecond, 5 * time.Microsecond, 10 * time.Microsecond, 50 * time.Microsecond,
	100 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 10 * time.Second,
}

// sums adds up the classes by their labels.
func (c *collector) sums(s *snapshot.Snapshot) map[classLabels]*sum {
	all := make(map[classLabels]*sum)
	of := func(id int) *sum {
		labels := c.labels(s, id)
		if all[labels] == nil {
			all[labels] = new(sum)
		}
		return all[labels]
	}
	for i := range s.Classes {
		class, sum := &s.Classes[i], of(i)
		sum.held.add(&class.Held)
		sum.read.add(&class.Read)
		sum.waits.add(&class.Waits)
	}
	for i := range s.Goroutines {
		g := &s.Goroutines[i]
		for _, h := range g.Holds {
			of(s.Resources[h.Resource].ClassID).holders++
		}
		if g.Wait != nil && g.Wait.Op == "lock" {
			of(s.Resources[g.Wait.Resources[0]].ClassID).waiters++
		}
	}
	return all
}

// labels names a class by its number, which is the order in which classes became
// known: a class has the same labels in every scrape.
func (c *collector) labels(s *snapshot.Snapshot, id int) classLabels {
	if id < 0 || id >= c.maxClasses {
		return other
	}
	class := &s.Classes[id]
	if class.Name != "" {
		return classLabels{untrusted.Line(class.Name), string(class.Kind)}
	}
	return classLabels{untrusted.Line(class.Site.String()), string(class.Kind)}
}

func (t *times) add(more *snapshot.Times) {
	t.count += more.Count
	t.nanos += more.SumNanos
	for _, b := range more.Buckets {
		for i, bound := range bounds {
			if b.UpToNanos <= int64(bound) {
				t.buckets[i] += b.Count
				break
			}
		}
	}
}

func (s *sum) collect(to chan<- prometheus.Metric, l classLabels) {
	s.held.collect(to, heldSeconds, l.class, l.kind, string(finding.Exclusive))
	s.read.collect(to, heldSeconds, l.class, l.kind, string(finding.Shared))
	s.waits.collect(to, waitSeconds, l.class, l.kind)
	to <- prometheus.MustNewConstMetric(locksHeld, prometheus.GaugeValue, s.holders, l.class, l.kind)
	to <- prometheus.MustNewConstMetric(lockWaiters, prometheus.GaugeValue, s.waiters, l.class, l.kind)
}

// collect sends the histogram, if there is anything in it.
func (t *times) collect(to chan<- prometheus.Metric, desc *prometheus.Desc, labels ...string) {
	if t.count == 0 {
		return
	}
	cumulative := make(map[float64]uint64, len(bounds))
	n := uint64(0)
	for i, bound := range bounds {
		n += t.buckets[i]
		cumulative[bound.Seconds()] = n
	}
	to <- prometheus.MustNewConstHistogram(desc, t.count, time.Duration(t.nanos).Seconds(), cumulative, labels...)
}
