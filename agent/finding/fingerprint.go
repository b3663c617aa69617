package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// fingerprintBytes keeps 64 bits: two findings of one program collide with a
// chance of one in 10^13 at a thousand findings.
const fingerprintBytes = 8

// ComputeFingerprint returns the identity of the diagnosis: a hash over the rule
// and the set of functions with the parts that they play. Addresses, goroutine
// ids, line numbers, counts and the order in which things were seen are left out,
// so that it stays the same across runs, builds, machines and line shifts. So is
// a resource's class: which function uses a lock first is up to the scheduler.
func (f *Finding) ComputeFingerprint() string {
	var parts []string
	resources, sites := f.resourcesAtFault(), f.sites()
	if role := placeRoles[f.Rule]; role != "" {
		resources = resources[:min(1, len(resources))]
		sites = slices.DeleteFunc(sites, func(s site) bool { return s.role != role })
		sites = sites[:min(1, len(sites))]
	}
	for _, r := range resources {
		parts = append(parts, "resource|"+string(r.Kind))
	}
	for _, s := range sites {
		parts = append(parts, s.role+"|"+stableFunc(s.frame))
	}
	slices.Sort(parts)
	sum := sha256.Sum256([]byte(string(f.Rule) + "\n" + strings.Join(slices.Compact(parts), "\n")))
	return hex.EncodeToString(sum[:fingerprintBytes])
}

// placeRoles has the rules that are about one place, the first with this role: which other
// goroutines take part differs each time.
var placeRoles = map[RuleID]string{RuleHeldLong: "holds", RuleWaitedLong: "waits"}

// accessRules are about accesses to a variable. Which locks were held meanwhile may differ each
// time.
var accessRules = map[RuleID]bool{RuleDataRace: true}

// resourcesAtFault are those that goroutines have to do with on which the finding rests.
func (f *Finding) resourcesAtFault() (all []Resource) {
	for i, r := range f.Resources {
		if !f.isBeside(i) && (!accessRules[f.Rule] || r.Kind == Variable) {
			all = append(all, r)
		}
	}
	return all
}

// isBeside reports whether only goroutines that the finding does not rest on have to do with
// the resource.
func (f *Finding) isBeside(resource int) (beside bool) {
	for i := range f.Goroutines {
		g := &f.Goroutines[i]
		has := g.Wait != nil && g.Wait.Resource == resource ||
			slices.ContainsFunc(g.Holds, func(h Hold) bool { return h.Resource == resource })
		if has && !g.Beside {
			return false
		}
		beside = beside || has
	}
	return beside
}

// stableFunc names a frame's function by what neither compiler nor build changes: its
// package, the declared function, and how many closures are around the call. Left out are
// type arguments, which of several functions init it is, and a closure's value receiver,
// which older compilers write in the same way as a function that inlined another.
func stableFunc(f Frame) string {
	n := f.parseFunc()
	if n.closures > 0 && !strings.HasPrefix(n.receiver, "(") {
		n.receiver = ""
	}
	if strings.HasPrefix(n.name, "init.") {
		n.name = "init"
	}
	n.wrapper = ""
	return strings.ReplaceAll(n.full(), "[...]", "")
}
