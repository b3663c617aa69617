package diagnosis

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/profile"
)

const (
	// shown bounds the examples of goroutines in a finding: they look alike.
	shown = 3
	// shownAsleep bounds those of a program of which all are asleep.
	shownAsleep = 10
	// minPile is the number of goroutines at one lock from which a queue is worth a
	// remark, manyPile from which it is a warning: that many wait in a second in
	// which nothing else can run as a rule.
	minPile  = 5
	manyPile = 10
	// longMinutes is how long the wait for a lock must be to be an error. Nobody
	// holds a lock for five minutes on purpose.
	longMinutes = 5
)

// Findings judges the dump of the input of that name. grown, if not nil, tells of a
// place whether more goroutines are there than in the dump or profile of before.
func (d *Dump) Findings(name string, grown func(profile.Role, finding.Stack) bool) []finding.Finding {
	j := judge{Dump: d, name: name, grown: grown}
	j.crash()
	locks := d.locks()
	told := make(map[*lock]bool)
	for _, ring := range d.rings(locks) {
		for _, k := range ring {
			told[k.waits] = true
		}
		j.ring(ring)
	}
	if j.asleep() {
		return j.found // who sleeps, sleeps because of that
	}
	for _, l := range locks {
		if !told[l] {
			j.pile(l)
		}
	}
	j.leaks()
	return j.found
}

// judge gathers the findings of one dump.
type judge struct {
	*Dump
	name  string
	grown func(profile.Role, finding.Stack) bool
	found []finding.Finding
}

func (j *judge) evidence(format string, args ...any) []finding.Evidence {
	return []finding.Evidence{{Source: j.name, Text: fmt.Sprintf("goroutine dump, line %d: ", j.Line) + fmt.Sprintf(format, args...)}}
}

// state says "sync.Mutex.Lock for 5 minutes".
func (g *goroutine) state() string {
	if g.Minutes > 0 {
		return g.State + " for " + minutes(g.Minutes)
	}
	return g.State
}

func minutes(n int64) string { return finding.Plural(n, "minute") }

// mode is how it asks for the lock that it waits for.
func (g *goroutine) mode() finding.Mode {
	for _, f := range g.Stack[:g.site()] {
		if strings.HasSuffix(f.Func, ".RLock") {
			return finding.Shared
		}
	}
	return finding.Exclusive
}

// example is the goroutine as a finding shows it.
func (j *judge) example(i int) finding.Goroutine {
	g := &j.goroutines[i]
	return finding.Goroutine{ID: g.ID, State: g.state(), Stack: g.Stack.Trim(), Created: g.Created}
}

func (l *lock) resource() finding.Resource {
	return finding.Resource{Kind: l.kind, Class: l.site, Address: l.addr}
}

// ring is a deadlock as far as the arguments show.
func (j *judge) ring(ring []link) {
	f := finding.Finding{Rule: finding.RuleDeadlock, Certainty: finding.Suspected, Severity: finding.Error, Count: 1}
	if j.isSure(ring) {
		f.Certainty = finding.Potential
	}
	var sites, circle []string
	for i, k := range ring {
		g := &j.goroutines[k.goroutine]
		next := (i + 1) % len(ring)
		f.Resources = append(f.Resources, k.holds.resource())
		held := g.Stack[k.holds.shown[k.goroutine]:]
		f.Goroutines = append(f.Goroutines, finding.Goroutine{
			ID: g.ID, State: g.state(), Created: g.Created,
			Holds: []finding.Hold{{Resource: i, Mode: finding.Exclusive, Stack: held}},
			Wait: &finding.Wait{Resource: next, Mode: g.mode(), Stack: g.Stack.Trim(),
				Nanos: g.Minutes * int64(time.Minute)},
		})
		if site := g.Stack.Site().String(); !slices.Contains(sites, site) {
			sites = append(sites, site)
		}
		circle = append(circle, fmt.Sprintf("goroutine %d waits for %s", g.ID, finding.ResourceLabel(next)))
	}
	f.Title = fmt.Sprintf("%d goroutines seem to wait for each other's lock, at %s", len(ring), strings.Join(sites, " and "))
	f.Detail = "Each has the lock that another one waits for, or the struct that it lies in, among the arguments of its calls: " +
		"it may hold it. A dump does not tell who holds a lock."
	f.Evidence = j.evidence("the ring closes over the locks' addresses")
	f.Fix = "take the locks in one order everywhere, so that no circle can form"
	if len(sites) == 1 {
		f.Fix = fmt.Sprintf("%s takes locks of one kind in whatever order it is given them: sort them first, by an id that never changes",
			j.goroutines[ring[0].goroutine].Stack.Site().ShortFunc())
	}
	yes := func(text string) finding.Condition { return finding.Condition{Holds: true, Evidence: text} }
	f.Coffman = &finding.Coffman{
		MutualExclusion: yes("each waits for a lock that is taken"),
		HoldAndWait:     yes("inferred: each has a lock that is waited for among its arguments, and waits for another"),
		NoPreemption:    yes("Go takes a lock from nobody: only Unlock frees it"),
		CircularWait:    yes(strings.Join(circle, ", ")),
		Breaks:          "circular wait",
	}
	j.found = append(j.found, f)
}

// pile judges the queue for one lock.
func (j *judge) pile(l *lock) {
	n, long := len(l.waiters), j.minutes(l)
	if long < 1 && n < minPile {
		return
	}
	waiter := &j.goroutines[l.waiters[0]]
	f := finding.Finding{
		Rule: finding.RuleContention, Certainty: finding.Observed, Severity: finding.Info, Count: 1,
		Title:     fmt.Sprintf("%s at %s for one %s at the moment of the dump", waits(n), l.site, lockName(l.kind)),
		Resources: []finding.Resource{l.resource()},
		Places: []finding.Place{{Role: "waits here", Stack: waiter.Stack.Trim(),
			Measures: []finding.Measure{finding.Number("goroutines", n)}}},
		Evidence: j.evidence("%s for %s", finding.Plural(n, "goroutine"), j.address(l)),
		Fix:      "find what the holder does meanwhile and take it out of the critical section; if what is left must be guarded, split the lock by key",
	}
	if n >= manyPile {
		f.Severity = finding.Warning
	}
	if long >= 1 {
		f.Rule, f.Certainty, f.Severity = finding.RuleStuck, finding.Suspected, finding.Warning
		f.Title = fmt.Sprintf("%s at %s for a %s, the longest for %s", waits(n), l.site, lockName(l.kind), minutes(long))
		f.Fix = "somebody holds the lock that long: look at what the goroutines below do, for a path that returns without Unlock, and for a circle of locks"
		if long >= longMinutes {
			f.Severity = finding.Error
		}
	}
	f.Detail = j.holders(l)
	for _, i := range l.waiters[:min(n, shown)] {
		g := j.example(i)
		g.Wait = &finding.Wait{Resource: 0, Mode: j.goroutines[i].mode(), Stack: g.Stack, Nanos: j.goroutines[i].Minutes * int64(time.Minute)}
		g.Stack = nil
		f.Goroutines = append(f.Goroutines, g)
	}
	j.found = append(j.found, f)
}

func waits(n int) string {
	if n == 1 {
		return "a goroutine waits"
	}
	return fmt.Sprintf("%d goroutines wait", n)
}

func lockName(kind finding.ResourceKind) string {
	if kind == finding.RWMutex {
		return "RWMutex"
	}
	return string(kind)
}

func (j *judge) address(l *lock) string {
	if l.addr == 0 {
		return "a lock at one line, whose address the calls do not show"
	}
	return fmt.Sprintf("the lock at %#x", l.addr)
}

// holders names the goroutines that may hold the lock and what they do.
func (j *judge) holders(l *lock) string {
	var texts []string
	for _, i := range l.holders[:min(len(l.holders), maxHolders)] {
		g := &j.goroutines[i]
		texts = append(texts, fmt.Sprintf("goroutine %d [%s] in %s (from %s)", g.ID, g.state(), g.Stack.Site(), g.Stack[l.shown[i]]))
	}
	if len(texts) == 0 {
		return "No goroutine has this lock among the arguments of its calls: the dump does not show who holds it."
	}
	more := ""
	if n := len(l.holders) - len(texts); n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return "These have the lock, or the struct that it lies in, among the arguments of their calls and may hold it: " + strings.Join(texts, "; ") + more + "."
}
