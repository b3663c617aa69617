package diagnosis

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
)

// createdAt is the user's line that started the goroutine. WaitGroup.Go and errgroup have
// the go statement in their own code: the caller is found by the literal that they were
// given, in the source or, without its line, by its name.
func (j *judging) createdAt(g *goroutine) finding.Frame {
	if !judge.IsGroupStarter(g.Created.Func) {
		return g.Created
	}
	for i := len(g.Stack) - 1; i >= 0; i-- {
		f := g.Stack[i]
		if f.IsMachinery() || judge.IsGroupStarter(f.Func) {
			continue
		}
		if starter, ok := j.opts.Sources.StarterOf(f); ok {
			return starter
		}
		if at := isLiteral.FindStringIndex(f.Func); at != nil {
			return finding.Frame{Func: f.Func[:at[0]]}
		}
		break
	}
	return g.Created
}
