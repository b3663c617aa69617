package diagnosis

import (
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockset"
)

// partner is a goroutine that could end another one's wait on a channel.
type partner struct {
	goroutine int
	// function is the one that does the other side.
	function string
}

// partners are the goroutines whose functions do the other side of a channel operation.
type partners struct {
	all []partner
	// known says that the source shows it.
	known bool
}

// partnersOf returns the goroutines that could end the wait of the goroutine on a channel:
// those in a function that does the other side on a channel declared at the same place. One
// that waits in just that other side has another channel: the two would have met.
func (j *judging) partnersOf(i int) partners {
	if p, known := j.others[i]; known {
		return p
	}
	p := j.findPartners(i)
	j.others[i] = p
	return p
}

func (j *judging) findPartners(i int) (p partners) {
	g := &j.goroutines[i]
	site := g.Stack.Site()
	facts, known := j.facts(g, g.site())
	p.known = known && !site.IsStandard() && slices.ContainsFunc(facts.Cases, func(c lockset.Case) bool { return c.Class != "" || c.Declared })
	if !p.known {
		return p
	}
	j.wantPackage(site.Package())
	for k := range j.goroutines {
		if k == i {
			continue
		}
		if function, is := j.doesOther(k, facts.Cases, site.Package()); is {
			p.all = append(p.all, partner{k, function})
		}
	}
	return p
}

// wantPackage says that all calls of a package will be asked about, once.
func (j *judging) wantPackage(pkg string) {
	if j.wanted[pkg] {
		return
	}
	j.wanted[pkg] = true
	for f := range j.frames {
		if isWithin(f, pkg) {
			j.opts.Sources.Want(f)
		}
	}
}

// isWithin reports whether the call is in the package or in its tests.
func isWithin(f finding.Frame, pkg string) bool {
	return strings.TrimSuffix(f.Package(), "_test") == strings.TrimSuffix(pkg, "_test")
}

// doesOther returns the function of the goroutine, in the package, that does the other side
// of a case.
func (j *judging) doesOther(k int, cases []lockset.Case, pkg string) (function string, is bool) {
	g := &j.goroutines[k]
	for frame := g.site(); frame < len(g.Stack); frame++ {
		f := g.Stack[frame]
		if !isWithin(f, pkg) {
			continue
		}
		uses, _ := j.uses(f)
		if !slices.ContainsFunc(uses.Channels, func(c lockset.Case) bool { return isOtherSide(cases, c) }) {
			continue
		}
		if frame == g.site() && g.role.CanLeak() {
			if facts, known := j.facts(g, frame); known && slices.ContainsFunc(facts.Cases, func(c lockset.Case) bool { return isOtherSide(cases, c) }) {
				continue
			}
		}
		return f.ShortFunc(), true
	}
	return "", false
}

// isOtherSide reports whether the use is the other side of one of the cases.
func isOtherSide(cases []lockset.Case, use lockset.Case) bool {
	return slices.ContainsFunc(cases, func(c lockset.Case) bool { return c.IsOtherSide(use) })
}
