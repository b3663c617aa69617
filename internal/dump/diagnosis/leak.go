package diagnosis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/dump"
	"github.com/concdoctor/concdoctor/internal/judge/hang"
	"github.com/concdoctor/concdoctor/internal/profile"
)

// idleCount is how many goroutines at one line make a suspicion by their number alone.
const idleCount = profile.IdleCount

// group is the goroutines of one creation site that wait alike at one line.
type group struct {
	members []int
	// count counts also those of a profile that are not among the members.
	count int64
	role  profile.Role
	// oldest is the longest wait in minutes; aged counts members that have waited
	// for a minute at least.
	oldest int64
	aged   int
	nils   int
	leaked int
}

// leaks judges the goroutines that wait for what another one must do.
func (j *judging) leaks() {
	var connections []profile.Crowd
	var readers int64
	all := j.readers()
	earlier := len(j.found)
	for _, g := range j.groups() {
		c, s, ok := j.judgeGroup(g)
		if !ok || j.why[g.members[0]] >= earlier {
			continue // it waits for others that leaked
		}
		if n, match := all.Match(g.count); match && c == finding.Suspected && g.role.MayServe() {
			readers = n
			connections = append(connections, profile.Crowd{Stack: j.goroutines[g.members[0]].Stack, Count: g.count})
			continue
		}
		j.found = append(j.found, j.leak(g, c, s))
		if g.leaked > 0 {
			j.blame(g)
		}
	}
	if len(connections) > 0 {
		f := profile.Connections(readers, connections)
		f.Evidence = j.evidence("%s read from the network", finding.Plural(readers, "goroutine"))
		j.found = append(j.found, f)
	}
}

// blame makes the last finding, about goroutines that leaked, an error if others wait for
// them, and notes these.
func (j *judging) blame(g *group) {
	last := len(j.found) - 1
	if n := j.explain(last, g.members); n > 0 {
		j.found[last].Severity = finding.Error
		j.countVictims(last, n)
	}
}

// isRoot reports whether no goroutine is known for which the group waits.
func (j *judging) isRoot(g *group) bool {
	r := j.needs[g.members[0]]
	return r == nil || len(r.holds) == 0
}

// readers counts the goroutines that wait for the network, or were just woken there, by
// where they began.
func (j *judging) readers() profile.Readers {
	r := make(profile.Readers)
	for i := range j.goroutines {
		if g := &j.goroutines[i]; len(g.Stack) > 0 && (g.role == profile.Network || profile.RoleOf(g.Stack) == profile.Network) {
			r[g.Stack[len(g.Stack)-1].Func] += 1 + g.more
		}
	}
	return r
}

// groups sorts the blocked goroutines of user code. Locks are reported elsewhere,
// unless the garbage collector says that they leaked; main may wait for ever.
func (j *judging) groups() []*group {
	type key struct {
		role          profile.Role
		site, created finding.Frame
	}
	by := make(map[key]*group)
	var all []*group
	for i := range j.goroutines {
		g := &j.goroutines[i]
		if why := j.why[i]; why >= 0 { // a finding says why
			if g.Leaked { // and that it waits for ever is proven
				j.found[why].Certainty = max(j.found[why].Certainty, finding.Potential)
			}
			continue
		}
		if g.ID == dump.MainID || !g.isUsers() || !g.Leaked && (!g.role.CanLeak() || g.role.IsLock()) {
			continue
		}
		k := key{g.role, g.Stack.Site(), g.Created}
		if by[k] == nil {
			by[k] = &group{role: g.role}
			all = append(all, by[k])
		}
		by[k].add(i, g)
	}
	slices.SortStableFunc(all, func(a, b *group) int {
		if first := j.isRoot(a); first != j.isRoot(b) {
			if first {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.count, a.count)
	})
	return all
}

func (g *group) add(i int, member *goroutine) {
	g.members = append(g.members, i)
	g.count += 1 + member.more
	g.oldest = max(g.oldest, member.Minutes)
	if member.Minutes > 0 {
		g.aged++
	}
	if member.isNil() {
		g.nils++
	}
	if member.Leaked {
		g.leaked++
	}
}

// judgeGroup returns how sure and how bad the group is; ok is false if it is nothing.
func (j *judging) judgeGroup(g *group) (c finding.Certainty, s finding.Severity, ok bool) {
	first := &j.goroutines[g.members[0]]
	user := slices.ContainsFunc(first.Stack, func(f finding.Frame) bool { return !f.IsMachinery() && !f.IsStandard() })
	switch {
	case g.leaked > 0:
		return finding.Observed, finding.Warning, true
	case g.nils > 1:
		return finding.Observed, finding.Warning, true
	case g.nils == 1: // as <-ctx.Done() of a Background is: one for the life of the program
		return finding.Observed, finding.Info, true
	case !user: // the standard library's own, on the user's behalf: an idle connection
		return 0, 0, false
	case j.opts.Grown != nil && !j.opts.Grown(g.role, first.Stack):
		return 0, 0, false
	case g.role == profile.Send && g.aged > 0, g.count >= idleCount:
		return finding.Suspected, finding.Warning, true
	}
	return 0, 0, false
}

func (j *judging) leak(g *group, c finding.Certainty, s finding.Severity) finding.Finding {
	first := &j.goroutines[g.members[0]]
	measures := []finding.Measure{finding.Number("goroutines", g.count)}
	if g.oldest > 0 {
		measures = append(measures, finding.Measure{Name: "oldest wait", Unit: finding.Nanos, Value: float64(g.oldest) * 60e9})
	}
	f := finding.Finding{
		Rule: finding.RuleGoroutineLeak, Certainty: c, Severity: s, Count: 1,
		Title:     j.leakTitle(g),
		Detail:    j.leakDetail(g),
		Resources: []finding.Resource{{Kind: profile.ResourceKind(g.role)}},
		Places:    []finding.Place{{Role: "blocked here", Stack: first.Stack.Trim(), Measures: measures}},
		Evidence:  j.evidence("%s [%s]", finding.Plural(g.count, "goroutine"), first.state()),
		Fix:       hang.Fix(profile.ResourceKind(g.role), j.modeOf(g.members[0])),
	}
	if stop := j.stopCase(first); stop != "" {
		f.Fix = fmt.Sprintf("the select ends when %s is closed or canceled: find what should do that, and whether it does when the goroutine is no longer needed", stop)
	}
	if g.nils > 0 {
		f.Fix = "make the channel before it is used; the Done channel of a context that is never canceled is nil too: do not wait for it alone"
	}
	if !first.Created.IsZero() {
		f.Places = append(f.Places, finding.Place{Role: "created here", Stack: finding.Stack{first.Created}})
	}
	for _, i := range g.members[:min(len(g.members), shown)] {
		if j.anonymous {
			break
		}
		f.Goroutines = append(f.Goroutines, finding.Goroutine{ID: j.goroutines[i].ID, State: j.goroutines[i].state()})
	}
	return f
}

// stopCase is the case of the goroutine's select that looks like the one that ends it, ""
// if it has none or the source is not at hand.
func (j *judging) stopCase(g *goroutine) string {
	if g.role != profile.Select && g.role != profile.Receive {
		return ""
	}
	facts, _ := j.facts(g, g.site())
	for _, c := range facts.Cases {
		if c.Stop {
			return strings.TrimSuffix(c.Expr, ".Done()")
		}
	}
	return ""
}

func (j *judging) leakTitle(g *group) string {
	first := &j.goroutines[g.members[0]]
	who, oldest := "a goroutine is", ""
	if n := g.count; n > 1 {
		who, oldest = finding.Plural(n, "goroutine")+" are", "the oldest "
	}
	text := fmt.Sprintf("%s blocked in %s (%s)", who, first.Stack.User(), first.State)
	if g.oldest > 0 {
		text += ", " + oldest + "for " + minutes(g.oldest)
	}
	return text
}

func (j *judging) leakDetail(g *group) string {
	again := fmt.Sprintf("Take another %s later and compare with --base: a leak grows.", j.noun())
	switch r := j.needs[g.members[0]]; {
	case g.leaked > 0 && r != nil && r.isLock():
		return "The garbage collector found that nothing alive can wake them. " + j.holdersText(r)
	case g.leaked > 0:
		return hang.Unreached
	case g.nils > 0:
		return "Nothing can end a wait on a nil channel."
	case g.count >= idleCount:
		return fmt.Sprintf("%d goroutines that wait in the same way are more than a worker pool usually has. %s", g.count, again)
	}
	who := finding.Plural(g.aged, "goroutine") + " have"
	if g.aged == 1 {
		who = "1 goroutine has"
	}
	return who + " waited for a receiver for a minute or more. " + again
}

// noun is what the input is.
func (j *judging) noun() string {
	if j.anonymous {
		return "profile"
	}
	return "dump"
}
