package diagnosis

import (
	"fmt"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/judge/gather"
	"github.com/concdoctor/concdoctor/internal/profile"
)

// blockedProcess returns the blocked goroutines of the dump, nil if there are none and the
// process did not end because of such.
func (j *judging) blockedProcess() *finding.BlockedProcess {
	p := &finding.BlockedProcess{Input: j.opts.Name, Ended: j.ended()}
	for _, t := range j.Tests {
		name, _, _ := strings.Cut(t, " ")
		p.Tests = append(p.Tests, name)
	}
	j.blockedGroups().Into(p)
	if p.Count == 0 && !j.timedOut() || j.Cause == "" && p.IsIdle() {
		return nil
	}
	return p
}

// ended says how the process ended, "" if it did not.
func (j *judging) ended() string {
	cause := j.Cause
	if after, is := strings.CutPrefix(cause, timeout); is {
		return "timed out after " + after
	}
	panicked, served := j.panicText()
	switch {
	case served, cause == "":
		return ""
	case j.asleep():
		return "was ended by the runtime (all goroutines are asleep)"
	case panicked != "":
		return "panicked (" + panicked + ")"
	case strings.HasPrefix(cause, "SIG"):
		signal, _, _ := strings.Cut(cause, ":")
		return "was ended by " + signal
	}
	return "ended (" + cause + ")"
}

// blockedKey says which goroutines are blocked alike.
type blockedKey struct {
	role     profile.Role
	stack    string // from the line that waits on
	created  finding.Frame
	resource *resource
	channel  uint64
	test     string
	holds    string
	why      int
}

// blockedGroups are the users' goroutines that wait for others, those that hold what
// others wait for first.
func (j *judging) blockedGroups() *gather.Groups[blockedKey] {
	all := new(gather.Groups[blockedKey])
	holds := j.holdsOf()
	texts := make(map[*finding.Frame]string) // stacks are kept once
	for i := range j.goroutines {
		g := &j.goroutines[i]
		if !j.isBlockedFact(i) {
			continue
		}
		k := blockedKey{
			role: g.role, created: g.Created, resource: j.needs[i], channel: g.channel(),
			test: j.ancestorTest(i), holds: holds[i], why: j.why[i],
		}
		if len(g.Stack) > 0 {
			text, known := texts[&g.Stack[0]]
			if !known {
				text = fmt.Sprint(judge.Own(g.Stack))
				texts[&g.Stack[0]] = text
			}
			k.stack = text
		}
		group := all.Of(k, func() (finding.BlockedGroup, gather.Place) {
			return j.newBlockedGroup(i, k.test), gather.Place{Rank: j.rankOf(i, holds[i] != "")}
		})
		gather.Join(group, 1+g.more, g.ID, g.Minutes*int64(time.Minute))
	}
	return all
}

// channel is the address of the channel that it waits on, 0 if the dump does not show it.
func (g *goroutine) channel() uint64 {
	if g.role == profile.Send || g.role == profile.Receive {
		return g.WaitsOn
	}
	return 0
}

// rankOf puts first what findings speak of, then what holds something.
func (j *judging) rankOf(i int, holds bool) int {
	switch {
	case holds && j.why[i] >= 0:
		return 0
	case holds:
		return 1
	case j.why[i] >= 0:
		return 2
	case j.isIdleFact(i):
		return 4
	}
	return 3
}

// isBlockedFact reports whether the goroutine waits for another one, as far as is known.
func (j *judging) isBlockedFact(i int) bool {
	g := &j.goroutines[i]
	switch {
	case !g.isUsers() || g.role == profile.Unsaid || j.stands[i] == aside || j.stands[i] == listening:
		return false
	case g.role == profile.Network:
		return g.isInUsersCall() // the one at the other end may be another goroutine
	case !g.role.CanLeak() && g.role != profile.Once:
		return false
	case j.stands[i] == moving && !j.timedOut():
		return g.Stack.Site().IsStandard() && g.isInUsersCall() // else a timer ends it
	}
	return !(j.signals && g.isMain() && j.brief[i] == may && !j.timedOut()) // it waits for a signal
}

// isInUsersCall reports whether the user's code has called what the goroutine waits in.
func (g *goroutine) isInUsersCall() bool { return !judge.Own(g.Stack).User().IsStandard() }

// isIdleFact reports whether the goroutine waits as one does that is about to be served: in the
// standard library, for the network as a rule, or to read from there.
func (j *judging) isIdleFact(i int) bool {
	g := &j.goroutines[i]
	if j.timedOut() || j.asleep() || j.why[i] >= 0 || j.stands[i] != moving {
		return false
	}
	return !hasCall(g.Stack, []string{"internal/poll.(*pollDesc).waitWrite", "internal/poll.(*FD).Write"})
}

// holdsOf names, for each goroutine that holds what others wait for, which that is.
func (j *judging) holdsOf() map[int]string {
	names := make(map[int]string)
	for at, r := range j.resources {
		for _, h := range r.holds {
			if r.kind != finding.WaitGroup {
				names[h.goroutine] += fmt.Sprintf("%d %d;", at, h.frame)
			}
		}
	}
	return names
}

func (j *judging) newBlockedGroup(i int, test string) finding.BlockedGroup {
	g := &j.goroutines[i]
	out := finding.BlockedGroup{
		State: g.State, Test: test, Resource: j.awaited(i), Mode: j.modeOf(i), Stack: judge.Own(g.Stack), Created: j.createdAt(g),
	}
	if startsWithAny(out.Created.Func, []string{"testing."}) {
		out.Created = finding.Frame{} // the test is named
	}
	out.Idle = j.isIdleFact(i)
	if g.role == profile.Network {
		out.Resource, out.Mode = finding.Resource{Kind: finding.Network}, ""
	}
	if j.why[i] >= 0 {
		out.Finding = j.found[j.why[i]].Fingerprint
	}
	for _, r := range j.resources {
		for _, h := range r.holds {
			if h.goroutine != i || r.kind == finding.WaitGroup {
				continue
			}
			held := j.held(h, 0)
			out.Holds = append(out.Holds, finding.BlockedHold{Resource: r.resource(), Mode: held.Mode, Stack: held.Stack, Likely: true})
		}
	}
	if r := j.needs[i]; r != nil {
		out.Holders = j.holdersOf(r)
	}
	return out
}

// holdersOf are the goroutines that hold the resource, those alike once.
func (j *judging) holdersOf(r *resource) (all []finding.Holder) {
	type key struct {
		stack *finding.Frame
		frame int
	}
	at := make(map[key]int)
	for _, h := range r.holds {
		o := &j.goroutines[h.goroutine]
		k := key{&o.Stack[0], h.frame}
		if i, known := at[k]; known {
			all[i].More++
			continue
		}
		if len(all) == maxHolders {
			break
		}
		at[k] = len(all)
		held := j.held(h, 0)
		all = append(all, finding.Holder{ID: o.ID, Likely: true, Mode: held.Mode, Held: held.Stack, State: o.state(), Stack: judge.Own(o.Stack)})
	}
	return all
}
