package path

import (
	"cmp"
	"maps"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// shownParts bounds a path in the report.
const shownParts = 30

// paths returns the path of the whole trace, if it has an end, and those of the
// regions, in order of their names.
func (p *pass) paths() []finding.Path {
	var all []finding.Path
	if p.last != nil {
		sums := make(map[stream.FrameID]*spent)
		p.tree.walk(p.leaf, 0, sums)
		all = append(all, finding.Path{Count: 1, Nanos: p.tr.Now, Parts: p.parts(sums)})
	}
	for _, name := range slices.Sorted(maps.Keys(p.wanted)) {
		if r := p.wanted[name]; r.count > 0 {
			all = append(all, finding.Path{Of: name, Count: r.count, Nanos: r.nanos, Parts: p.parts(r.sums)})
		}
	}
	return all
}

// parts sorts what was spent, most first, by function and state.
func (p *pass) parts(sums map[stream.FrameID]*spent) []finding.PathPart {
	type key struct {
		function string
		what     activity
	}
	by := make(map[key]*finding.PathPart)
	for entry, s := range sums {
		frame := p.tr.Frame(entry).Frame
		for what, n := range s {
			if n == 0 {
				continue
			}
			k := key{frame.Func, activity(what)}
			if by[k] == nil {
				by[k] = &finding.PathPart{Entry: frame, State: doingNames[what]}
			}
			by[k].Nanos += n
		}
	}
	var parts []finding.PathPart
	for _, part := range by {
		parts = append(parts, *part)
	}
	slices.SortFunc(parts, func(a, b finding.PathPart) int {
		return cmp.Or(cmp.Compare(b.Nanos, a.Nanos), cmp.Compare(a.Entry.Func, b.Entry.Func), cmp.Compare(a.State, b.State))
	})
	return parts[:min(len(parts), shownParts)]
}
