package finding

import "slices"

// WaitPlaces returns the positions in the user's code at which the finding's goroutines
// wait or would wait, each once and in order. A cycle of locks that could close and one
// that did are the same disease if these are equal.
func (f *Finding) WaitPlaces() []string {
	var places []string
	for i := range f.Goroutines {
		if g := &f.Goroutines[i]; !g.Beside && g.Wait != nil && len(g.Wait.Stack) > 0 {
			places = append(places, g.Wait.Stack.User().Position())
		}
	}
	slices.Sort(places)
	return slices.Compact(places)
}

// IsHangOf reports whether f is a deadlock that happened and other the pattern that
// could lead to it: then other says nothing more.
func (f *Finding) IsHangOf(other *Finding) bool {
	if f.Rule != RuleDeadlock || f.Certainty != Observed || other.Rule != RuleLockCycle && other.Rule != RuleRLockRecursion {
		return false
	}
	places := other.WaitPlaces()
	return len(places) > 0 && slices.Equal(places, f.WaitPlaces())
}
