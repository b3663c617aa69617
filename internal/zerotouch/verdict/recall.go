package verdict

import (
	"slices"

	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// recall warns of each hang that was reported while the program ran and that no finding is
// about now, and says why.
func (c *collector) recall(s *scene, f *followed, input string, found []past) {
	var texts []string
	for print, seen := range f.hangs {
		if !seen.reported || seen.isIn(print, found) {
			continue
		}
		why := "its goroutines have gone on since"
		if seen.isStillIn(s) {
			why = "what the process has recorded since makes it doubtful"
		}
		texts = append(texts, seen.headline+": this was reported while the program ran; "+why)
	}
	slices.Sort(texts)
	for _, text := range texts {
		c.rep.Warn(input, "%s", text)
	}
}

// isIn reports whether the finding, or another one about one of the goroutines, is among
// those of the process's end.
func (s *sighting) isIn(print string, found []past) bool {
	return slices.ContainsFunc(found, func(p past) bool {
		return p.ComputeFingerprint() == print || slices.ContainsFunc(p.members, func(g *tape.Goroutine) bool { return s.steps[g.ID] == g.Seq })
	})
}

// isStillIn reports whether none of the goroutines has done anything since.
func (s *sighting) isStillIn(now *scene) bool {
	for id, step := range s.steps {
		if g := now.living[id]; g == nil || g.Seq != step {
			return false
		}
	}
	return true
}
