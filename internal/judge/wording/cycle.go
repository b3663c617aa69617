package wording

import (
	"fmt"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// CycleTitle names the places that ask. Where one line of code asks in every
// order (two accounts, each way), it names where that code takes both.
func CycleTitle(goroutines []finding.Goroutine) string {
	n := len(goroutines)
	if first := goroutines[0]; SameSite(goroutines) {
		held := first.Holds[len(first.Holds)-1].Stack.Site()
		return fmt.Sprintf("%s and %s take %d locks in conflicting orders", held, first.Wait.Stack.Site(), n)
	}
	if n == 2 {
		return RingSites(goroutines) + " take the same two locks in opposite orders"
	}
	return fmt.Sprintf("%s take %d locks in a ring", RingSites(goroutines), n)
}

// CycleFix says what to change: the one that goes against the order of the others.
func CycleFix(goroutines []finding.Goroutine, odd finding.Goroutine) string {
	if SameSite(goroutines) {
		return fmt.Sprintf("%s takes locks of one kind in whatever order it is given them: sort them first, by an id that never changes",
			odd.Wait.Stack.Site().ShortFunc())
	}
	return fmt.Sprintf("take the locks in one order everywhere: %s; change %s, which goes against it",
		Labels(len(goroutines)), odd.Wait.Stack.Site())
}

// SameSite reports whether all ask at one line.
func SameSite(goroutines []finding.Goroutine) bool {
	for _, g := range goroutines {
		if g.Wait.Stack.Site() != goroutines[0].Wait.Stack.Site() {
			return false
		}
	}
	return true
}

// Labels returns "A before B before C".
func Labels(n int) string {
	var names []string
	for i := range n {
		names = append(names, finding.ResourceLabel(i))
	}
	return strings.Join(names, " before ")
}

// RingSites names where the goroutines ask, each place once: "f a.go:1 and g b.go:2".
func RingSites(goroutines []finding.Goroutine) string {
	var sites []string
	for _, g := range goroutines {
		if site := g.Wait.Stack.Site().String(); !slices.Contains(sites, site) {
			sites = append(sites, site)
		}
	}
	switch n := len(sites); {
	case n == 1:
		return sites[0]
	case n > namedSites:
		return fmt.Sprintf("%s and %d more", strings.Join(sites[:namedSites], ", "), n-namedSites)
	default:
		return strings.Join(sites[:n-1], ", ") + " and " + sites[n-1]
	}
}

// Coffman says how each of the four conditions is met; verb is "waits" or
// "could wait".
func Coffman(ring []finding.Resource, goroutines []finding.Goroutine, verb string) *finding.Coffman {
	var kinds, circle []string
	for i, r := range ring {
		kinds = append(kinds, finding.ResourceLabel(i)+" is a "+string(r.Kind))
	}
	for _, g := range goroutines {
		circle = append(circle, fmt.Sprintf("goroutine %d %s for %s", g.ID, verb, finding.ResourceLabel(g.Wait.Resource)))
	}
	yes := func(evidence string) finding.Condition { return finding.Condition{Holds: true, Evidence: evidence} }
	return &finding.Coffman{
		MutualExclusion: yes(strings.Join(kinds, ", ")),
		HoldAndWait:     yes("each goroutine keeps what it holds while it asks for more"),
		NoPreemption:    yes("Go takes a lock from nobody: only Unlock frees it"),
		CircularWait:    yes(strings.Join(circle, ", ")),
		Breaks:          "circular wait",
	}
}

// namedSites is how many places a title names before it counts the rest.
const namedSites = 3

// Kinds makes f a finding of goroutines that take locks of two kinds, not the same two
// locks, in opposite orders.
func Kinds(f *finding.Finding) {
	f.Title = RingSites(f.Goroutines) + " take locks of the same two kinds in opposite orders"
	f.Detail = "It was never the same two locks: by the lines that take them, or by name, they are two of each kind. " +
		"If the kinds can meet in one pair, goroutines that take it at the same time wait for each other."
	f.Fix = "take locks of A's kind before those of B's kind everywhere"
}
