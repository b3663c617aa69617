package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// namedSites is how many places a title names before it counts the rest.
const namedSites = 3

// Sites names where the goroutines wait or would wait, each place once: "f a.go:1 and g b.go:2".
func Sites(goroutines []finding.Goroutine) string {
	var sites []string
	for _, g := range goroutines {
		if site := Place(g.Wait.Stack); !slices.Contains(sites, site) {
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

// Place is the user's line of a stack, and what it called in the standard library that waits:
// "f a.go:1 in log.(*Logger).output".
func Place(stack finding.Stack) string {
	user, site := stack.User(), stack.Site()
	if user == site {
		return site.String()
	}
	return user.String() + " in " + site.ShortFunc()
}

// SameSite reports whether all of them wait at one line.
func SameSite(goroutines []finding.Goroutine) bool {
	for _, g := range goroutines {
		if g.Wait.Stack.Site() != goroutines[0].Wait.Stack.Site() {
			return false
		}
	}
	return true
}

// OrderFix says how to make the order of n locks one. Odd is the goroutine that goes
// against the order A, B, C of the others.
func OrderFix(goroutines []finding.Goroutine, odd finding.Goroutine) string {
	site := odd.Wait.Stack.Site()
	if SameSite(goroutines) {
		return SortFix(site)
	}
	return fmt.Sprintf("acquire the locks in one order everywhere: %s; change %s, which goes against it", Labels(len(goroutines)), site)
}

// SortFix says how to make the order of locks one that are all acquired at the site.
func SortFix(site finding.Frame) string {
	return site.ShortFunc() + " acquires locks of one class in no fixed order: sort them first, by an id that never changes"
}

// Labels returns "A before B before C".
func Labels(n int) string {
	var names []string
	for i := range n {
		names = append(names, finding.ResourceLabel(i))
	}
	return strings.Join(names, " before ")
}

// DescribeRing puts into words what is particular about a cycle in which not all are
// plain locks: the waits for a wait group or a Once have no other order. Outcome is what
// becomes of the goroutines, as in "can deadlock".
func DescribeRing(f *finding.Finding, ring []finding.Resource, outcome string) {
	var through string
	switch {
	case hasKind(ring, finding.WaitGroup):
		through = "a wait group"
		f.Fix = "call Wait after releasing the locks that a goroutine of the group needs, directly or through others"
		if at := waitFor(f, finding.WaitGroup); !at.IsZero() {
			f.Fix = fmt.Sprintf("release the locks before the Wait at %s: a goroutine of the group needs them, directly or through others", at)
		}
	case hasKind(ring, finding.Once):
		through = "a Once"
		f.Fix = "acquire no lock, and call Do of no other Once, inside the function of a Once whose callers may hold that lock: work first, and store the result in the function"
	case hasKind(ring, finding.Semaphore):
		f.Title = fmt.Sprintf("%s %s: locks and a semaphore are acquired in a cycle", Sites(f.Goroutines), outcome)
		return
	default:
		return
	}
	f.Title = fmt.Sprintf("%s %s through %s", Sites(f.Goroutines), outcome, through)
	if f.Coffman != nil {
		f.Coffman.Breaks = "hold and wait"
		f.Coffman.NoPreemption.Evidence = noPreemption
	}
}

func hasKind(ring []finding.Resource, kind finding.ResourceKind) bool {
	return slices.ContainsFunc(ring, func(r finding.Resource) bool { return r.Kind == kind })
}

// waitFor returns where a resource of the kind is waited for.
func waitFor(f *finding.Finding, kind finding.ResourceKind) finding.Frame {
	for _, g := range f.Goroutines {
		if g.Wait != nil && f.Resources[g.Wait.Resource].Kind == kind {
			return g.Wait.Stack.Site()
		}
	}
	return finding.Frame{}
}
