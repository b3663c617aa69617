package finding

import "strings"

// IsSuppressed reports whether one of the patterns applies: "rule", or
// "rule:function" where function is part of the full name of the function, or of
// the short one that reports show, at any site of the finding (where something is held, waited for, created, or a place).
func (f *Finding) IsSuppressed(patterns []string) bool {
	for _, pattern := range patterns {
		rule, function, _ := strings.Cut(pattern, ":")
		if rule == f.Rule && (function == "" || f.hasSite(function)) {
			return true
		}
	}
	return false
}

func (f *Finding) hasSite(function string) bool {
	for _, s := range f.sites() {
		if strings.Contains(s.frame.Func, function) || strings.Contains(s.frame.ShortFunc(), function) {
			return true
		}
	}
	return false
}

// site is a frame at fault with the part that it plays.
type site struct {
	role  string
	frame Frame
}

// sites returns every known frame at fault, in the finding's own order.
func (f *Finding) sites() []site {
	var all []site
	add := func(role string, frame Frame) {
		if !frame.IsZero() {
			all = append(all, site{role, frame})
		}
	}
	for _, g := range f.Goroutines {
		for _, h := range g.Holds {
			add("holds", h.Stack.Site())
		}
		if g.Wait != nil {
			add("waits", g.Wait.Stack.Site())
		}
		if g.Wait == nil && len(g.Holds) == 0 {
			add("goroutine", g.Stack.User())
		}
	}
	for _, p := range f.Places {
		add(p.Role, p.Stack.Site())
	}
	return all
}
