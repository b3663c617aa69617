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

// Judgement is what a dump shows.
type Judgement struct {
	Findings []finding.Finding
	// Blocked are the blocked goroutines, nil if there are none and no test timed out.
	Blocked *finding.BlockedProcess
}

// Judge judges the dump.
func (d *Dump) Judge(opts Options) Judgement {
	j := newJudging(d, opts)
	j.crash()
	j.hangs()
	j.abandoned()
	if !j.asleep() { // else all sleep because of that
		j.standstill()
		j.piles()
		j.leaks()
	}
	return Judgement{Findings: j.found, Blocked: j.blockedProcess()}
}

// add adds a finding that explains why the members wait, and all that wait for them; or it
// counts one that is the same once more.
func (j *judging) add(f finding.Finding, members []int) {
	f.Fingerprint = f.ComputeFingerprint()
	index := slices.IndexFunc(j.found, func(o finding.Finding) bool { return o.Fingerprint == f.Fingerprint })
	if index < 0 {
		index = len(j.found)
		j.found = append(j.found, f)
	} else {
		j.found[index].Count++
	}
	j.countVictims(index, j.explain(index, members))
}

// countVictims notes at a finding how many more goroutines wait because of it.
func (j *judging) countVictims(index, n int) {
	if n == 0 {
		return
	}
	f := &j.found[index]
	at := slices.IndexFunc(f.Measures, func(m finding.Measure) bool { return m.Name == victims })
	if at < 0 {
		f.Measures = append(f.Measures, finding.Number(victims, n))
		return
	}
	f.Measures[at].Value += float64(n)
}

// victims is the measure of goroutines that wait for those of a finding in turn.
const victims = "goroutines that wait for these in turn"

// state says "sync.Mutex.Lock for 5 minutes".
func (g *goroutine) state() string {
	if g.Minutes > 0 {
		return g.State + " for " + minutes(g.Minutes)
	}
	return g.State
}

func minutes(n int64) string { return finding.Plural(n, "minute") }

// modeOf is how the goroutine asks for what it waits for.
func (j *judging) modeOf(i int) finding.Mode {
	g := &j.goroutines[i]
	switch g.role {
	case profile.Send:
		return finding.Send
	case profile.Receive:
		return finding.Receive
	case profile.Select:
		return finding.Select
	case profile.WaitGroup, profile.Cond:
		return finding.Await
	}
	if g.asksToRead() {
		return finding.Shared
	}
	return finding.Exclusive
}

// example is the goroutine as a finding shows it.
func (j *judging) example(i int) finding.Goroutine {
	g := &j.goroutines[i]
	return finding.Goroutine{ID: g.ID, State: g.state(), Stack: g.Stack.Trim(), Created: j.createdAt(g)}
}

// waiter is the goroutine as one that waits for the resource of a finding.
func (j *judging) waiter(i, resource int) finding.Goroutine {
	g := j.example(i)
	g.Wait = &finding.Wait{Resource: resource, Mode: j.modeOf(i), Stack: g.Stack, Nanos: j.goroutines[i].Minutes * int64(time.Minute), Blocked: true}
	g.Stack = nil
	return g
}

// held is a hold of the resource of a finding, at the line that acquires it if the source
// is at hand, else in the call that seems to hold it.
func (j *judging) held(h hold, resource int) finding.Hold {
	stack := slices.Clone(j.goroutines[h.goroutine].Stack[h.frame:])
	if h.line > 0 {
		stack[0].Line = h.line
	}
	mode := h.mode
	if mode == "" {
		mode = finding.Exclusive
		if r := j.needs[h.goroutine]; r != nil && r.writes && slices.ContainsFunc(r.holds, func(o hold) bool { return o == h }) {
			mode = finding.Shared
		}
	}
	return finding.Hold{Resource: resource, Mode: mode, Stack: stack}
}

// resource is how a finding shows it.
func (r *resource) resource() finding.Resource {
	return finding.Resource{Kind: r.kind, Name: r.named.Expr, Class: r.site, Address: r.addr}
}

// piles judges the queues for locks that no other finding explains.
func (j *judging) piles() {
	for _, r := range j.resources {
		if r.isLock() && !j.isExplained(r) {
			j.pile(r)
		}
	}
}

// pile judges the queue for one lock.
func (j *judging) pile(l *resource) {
	n, long := j.count(l.waiters), j.minutes(l)
	if long < 1 && n < minPile || j.anonymous && n < idleCount {
		return
	}
	waiter := &j.goroutines[l.waiters[0]]
	f := finding.Finding{
		Rule: finding.RuleContention, Certainty: finding.Observed, Severity: finding.Info, Count: 1,
		Title:     fmt.Sprintf("%s at %s for one %s at the moment of the %s", waits(n), l.site, l.kind.Noun(), j.noun()),
		Resources: []finding.Resource{l.resource()},
		Places: []finding.Place{{Role: "waits here", Stack: waiter.Stack.Trim(),
			Measures: []finding.Measure{finding.Number("goroutines", n)}}},
		Evidence: j.evidence("%s for %s", waits(n), l.which()),
		Fix:      "find what the holder does meanwhile and move it out of the critical section; if the rest needs the lock, split the lock by key",
	}
	if n >= manyPile {
		f.Severity = finding.Warning
	}
	if long >= 1 {
		f.Rule, f.Certainty, f.Severity = finding.RuleStuck, finding.Suspected, finding.Warning
		longest := ""
		if n > 1 {
			longest = "the longest "
		}
		f.Title = fmt.Sprintf("%s at %s for %s, %sfor %s", waits(n), l.site, l.kind.Indefinite(), longest, minutes(long))
		f.Fix = "find out why the lock is held for so long: look at what the goroutines below do, for a path that returns without Unlock, and for a cycle of locks"
		if long >= longMinutes {
			f.Severity = finding.Error
		}
	}
	f.Detail = j.holdersText(l)
	for _, i := range l.waiters[:min(len(l.waiters), shown)] {
		f.Goroutines = append(f.Goroutines, j.waiter(i, 0))
	}
	j.found = append(j.found, f)
}

// count is how many goroutines the indexes stand for.
func (j *judging) count(indexes []int) int {
	n := len(indexes)
	for _, i := range indexes {
		n += int(j.goroutines[i].more)
	}
	return n
}

func waits(n int) string {
	if n == 1 {
		return "a goroutine waits"
	}
	return fmt.Sprintf("%d goroutines wait", n)
}

// which says whether the queue is at one lock for sure.
func (l *resource) which() string {
	if l.addr == 0 {
		return "a lock at one line, whose address the calls do not show"
	}
	return "one lock"
}

// holdersText names the goroutines that may hold the lock and what they do.
func (j *judging) holdersText(r *resource) string {
	var texts []string
	for _, h := range r.holds[:min(len(r.holds), maxHolders)] {
		g := &j.goroutines[h.goroutine]
		texts = append(texts, fmt.Sprintf("%s [%s] in %s (from %s)", numbered(g.ID), g.state(), g.Stack.Site(), g.Stack[h.frame]))
	}
	if len(texts) == 0 {
		return fmt.Sprintf("The %s does not show which goroutine holds the lock.", j.noun())
	}
	more := ""
	if n := len(r.holds) - len(texts); n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	if r.holds[0].support > possible {
		return "By the source, these are in calls that hold the lock, or another one that is declared at the same place: " + strings.Join(texts, "; ") + more + "."
	}
	return "These have the lock, or the struct that contains it, among the arguments of their calls and may hold it: " + strings.Join(texts, "; ") + more + "."
}
