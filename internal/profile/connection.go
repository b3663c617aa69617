package profile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Readers counts the goroutines that wait for the network, by the function that they began
// in. A server has one for each connection, and beside it one or two that wait for what is
// to be sent, or for the end: as many as connections is no sign of a leak.
type Readers map[string]int64

// IdleCount is how many goroutines that wait alike make a suspicion by their number alone:
// worker pools are as a rule smaller.
const IdleCount = 100

// perConnection is how many goroutines of one place a connection has at most.
const perConnection = 3

// Match returns how many goroutines read from the network if n is about that number, or a
// small multiple of it: some are always on their way.
func (r Readers) Match(n int64) (readers int64, ok bool) {
	for _, readers := range r {
		for k := int64(1); k <= perConnection; k++ {
			if slack := k*readers/20 + 1; n >= k*readers-slack && n <= k*readers+slack && n >= IdleCount {
				return readers, true
			}
		}
	}
	return 0, false
}

// MayServe reports whether goroutines in the role may be those of connections: no goroutine waits
// for a lock or to send for as long as a connection lives.
func (r Role) MayServe() bool { return r == Receive || r == Select || r == Cond || r == Unsaid }

// Crowd is goroutines that wait at one place.
type Crowd struct {
	Stack finding.Stack
	Count int64
}

// Connections is a remark about crowds that are as many as the goroutines that read from
// the network.
func Connections(readers int64, crowds []Crowd) finding.Finding {
	slices.SortStableFunc(crowds, func(a, b Crowd) int { return cmp.Compare(b.Count, a.Count) })
	f := finding.Finding{
		Rule: finding.RuleGoroutineLeak, Certainty: finding.Suspected, Severity: finding.Info, Count: 1,
		Resources: []finding.Resource{{Kind: finding.Channel}},
		Detail: "Their numbers are about equal, as those of connections are: one goroutine reads, others wait for what is to be sent, or for the end. " +
			"Nothing is wrong if so many connections are open.",
		Fix: "compare the number with that of the open connections: if it is higher, find what keeps the goroutines of closed ones",
	}
	var sites []string
	for _, c := range crowds {
		f.Places = append(f.Places, finding.Place{Role: "blocked here", Stack: c.Stack.Trim(), Measures: []finding.Measure{finding.Number("goroutines", c.Count)}})
		if len(sites) < shownCrowds {
			sites = append(sites, c.Stack.User().String())
		}
	}
	if more := len(crowds) - len(sites); more > 0 {
		sites = append(sites, fmt.Sprintf("%d more places", more))
	}
	f.Title = fmt.Sprintf("%s wait in %s, beside %d that read from the network", finding.Plural(crowds[0].Count, "goroutine"),
		strings.Join(sites, " and in "), readers)
	return f
}

// shownCrowds bounds the places in a title.
const shownCrowds = 3
