package diagnosis

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/dump"
	"github.com/concdoctor/concdoctor/internal/lockset"
	"github.com/concdoctor/concdoctor/internal/profile"
)

// maxOfStack bounds the goroutines of one stack of a profile that are looked at: they are
// all alike.
const maxOfStack = 1000

// states are the runtime's words for what a stack of a profile waits for.
var profileStates = map[profile.Role]string{
	profile.Mutex: "sync.Mutex.Lock", profile.RWMutex: "sync.RWMutex.Lock", profile.Once: "sync.Mutex.Lock",
	profile.WaitGroup: "sync.WaitGroup.Wait", profile.Cond: "sync.Cond.Wait",
	profile.Receive: "chan receive", profile.Send: "chan send", profile.Select: "select",
	profile.Sleep: "sleep", profile.Network: "IO wait",
}

// OfProfile returns the goroutines of a profile as a dump without ids, ages and arguments:
// what they hold and wait for is as the source says. In a goroutineleak profile they are
// those that the garbage collector found leaked.
func OfProfile(p *profile.Profile, sources *lockset.Sources) *Dump {
	d := new(dump.Dump)
	var like []goroutine // what is known of each beside the dump
	stacks := make(map[string]finding.Stack)
	for i := range p.Samples {
		s := &p.Samples[i]
		role := s.Role
		if role == profile.Unsaid {
			role = roleBySource(s.Stack, sources)
		}
		g := dump.Goroutine{State: stateOf(role, s.Stack, sources), Stack: kept(stacks, s.Stack), Leaked: p.Kind == profile.LeakKind}
		n := max(s.Count, 0)
		for k := range min(n, maxOfStack) {
			d.Goroutines = append(d.Goroutines, g)
			like = append(like, goroutine{role: role})
			if k == maxOfStack-1 {
				like[len(like)-1].more = n - maxOfStack
			}
		}
	}
	out := New(d)
	for i := range out.goroutines {
		out.goroutines[i].role, out.goroutines[i].more = like[i].role, like[i].more
	}
	out.anonymous = true
	return out
}

// kept returns the one copy of a stack: a profile has it once for each set of labels, and
// for each call instruction at one line.
func kept(stacks map[string]finding.Stack, stack finding.Stack) finding.Stack {
	key := fmt.Sprint(stack)
	if _, known := stacks[key]; !known {
		stacks[key] = stack
	}
	return stacks[key]
}

// stateOf is the runtime's word for what a stack in the role waits for.
func stateOf(role profile.Role, stack finding.Stack, sources *lockset.Sources) string {
	state, waits := profileStates[role]
	switch {
	case !waits:
		return "running"
	case role == profile.Select && hasNoCases(stack, sources):
		return "select (no cases)"
	}
	return state
}

// hasNoCases reports whether a stack that waits in a select does so for ever.
func hasNoCases(stack finding.Stack, sources *lockset.Sources) bool {
	if len(stack) > 0 && stack[0].Func == "runtime.block" {
		return true
	}
	facts, known := sources.At(lockset.Point{Frame: stack.Site(), Op: lockset.Select})
	return known && len(facts.Cases) == 0
}

// operations are what a goroutine may be blocked in, with the role that it then has.
var operations = []struct {
	op   lockset.Op
	role profile.Role
}{
	{lockset.Select, profile.Select}, {lockset.Receive, profile.Receive}, {lockset.Send, profile.Send},
	{lockset.Lock, profile.Mutex}, {lockset.RLock, profile.RWMutex}, {lockset.Wait, profile.WaitGroup},
}

// roleBySource finds in the source what a stack waits for whose runtime calls the text
// form of a profile leaves out. Running if its line has nothing that blocks, Unsaid if the
// source is not at hand.
func roleBySource(stack finding.Stack, sources *lockset.Sources) profile.Role {
	if len(stack) == 0 {
		return profile.Running
	}
	if _, known := sources.UsesOf(stack[0]); !known {
		return profile.Unsaid
	}
	for _, o := range operations {
		if _, known := sources.At(lockset.Point{Frame: stack[0], Op: o.op}); known {
			return o.role
		}
	}
	return profile.Running
}

// JudgeProfile judges a profile of goroutines, against an earlier one if base is not nil. A
// profile is of one moment: only what needs no time is judged, unless the garbage collector
// has found the goroutines leaked.
func JudgeProfile(p, base *profile.Profile, sources *lockset.Sources) Judgement {
	opts := Options{Name: p.Input, Sources: sources}
	if grown := grownSince(p, base); grown != nil && p.Kind == profile.GoroutineKind {
		opts.Grown = func(role profile.Role, s finding.Stack) bool { return grown(role, s) || grown(profile.Unsaid, s) }
	}
	if p.Kind == profile.LeakKind {
		opts.Still = func(uint64) bool { return true }
	}
	j := newJudging(OfProfile(p, sources), opts)
	j.hangs()
	j.piles()
	j.leaks()
	return Judgement{Findings: j.found, Blocked: j.blockedProcess()}
}
