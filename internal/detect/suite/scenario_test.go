//go:build !concdoctor_off

package suite

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// truth is what a scenario's program really is.
type truth string

const (
	harmless truth = "harmless"
	canHang  truth = "can hang" // this run did not
	hangs    truth = "hangs"
	wrong    truth = "wrong" // misuse that may go well
)

// scenario is one program with what is true of it.
type scenario struct {
	name  string
	truth truth
	// kinds are the kinds of lock that it is tried with.
	kinds []string
	// want is all that the agent must say.
	want []brief
	// ends is the rule of the finding that tells that the program hangs.
	ends    finding.RuleID
	program func(s *stage)
}

// scenarios are all of them; names are distinct.
var scenarios = slices.Concat(
	orderScenarios, forkScenarios, birthScenarios, joinScenarios, giftScenarios, semaphoreScenarios, kindScenarios, readScenarios, hungScenarios, waitScenarios, silentScenarios, aliveScenarios,
)

// brief is what is compared of a finding.
type brief struct {
	Rule         finding.RuleID
	Certainty    string
	Resources    []finding.ResourceKind
	Holds, Waits []string // top functions, sorted
}

func briefOf(f *finding.Finding) brief {
	b := brief{Rule: f.Rule, Certainty: f.Certainty.String()}
	for _, r := range f.Resources {
		b.Resources = append(b.Resources, r.Kind)
	}
	for _, g := range f.Goroutines {
		for _, h := range g.Holds {
			b.Holds = append(b.Holds, topOf(h.Stack))
		}
		if g.Wait != nil {
			b.Waits = append(b.Waits, topOf(g.Wait.Stack))
		}
	}
	slices.Sort(b.Resources)
	slices.Sort(b.Holds)
	slices.Sort(b.Waits)
	return b
}

func topOf(s finding.Stack) string {
	return strings.TrimPrefix(s.Site().ShortFunc(), "suite.")
}

// of returns a brief whose resources are of the kind that the stage has; see kinded.
const stageLock finding.ResourceKind = "the stage's lock"

// kinded puts the kind of the stage in place of stageLock.
func (sc *scenario) kinded(kind string) (want []brief) {
	text, err := json.Marshal(sc.want)
	if err != nil {
		panic(err)
	}
	lock := string(finding.Mutex)
	if kind == rwKind {
		lock = string(finding.RWMutex)
	}
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(text), string(stageLock), lock)), &want); err != nil {
		panic(err)
	}
	return want
}

// ring is the brief of n goroutines that each took a lock in one place and ask for
// the next one's in another.
func ring(rule finding.RuleID, certainty string, n int) brief {
	b := brief{Rule: rule, Certainty: certainty}
	for range n {
		b.Resources = append(b.Resources, stageLock)
		b.Holds = append(b.Holds, "takeFirst")
		b.Waits = append(b.Waits, "takeSecond")
	}
	return b
}

// potentialPair is one cycle of two goroutines.
var potentialPair = []brief{ring("lock-cycle", "potential", 2)}
