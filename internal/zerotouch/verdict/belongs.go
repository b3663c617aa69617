package verdict

import (
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// belongsTo names the test that a goroutine descends from, TestMain, or the package whose
// initialization started it, as far as its stacks show that; "" for none.
func belongsTo(g *tape.Goroutine) string {
	switch g.Part {
	case tape.TestMain:
		return "TestMain"
	case tape.InInit:
		stacks := []finding.Stack{g.Created}
		if g.Wait != nil {
			stacks = append(stacks, g.Wait.Stack)
		}
		for _, s := range stacks {
			for _, f := range s {
				if isInit(f) {
					return "init of " + f.Package()
				}
			}
		}
		return "init of a package"
	}
	return g.Test
}

// isInit reports whether a function initializes its package, or lies in one that does.
func isInit(f finding.Frame) bool {
	name := strings.TrimPrefix(f.Function(), f.Package()+".")
	return name == "init" || strings.HasPrefix(name, "init.")
}

// nameTests says of each goroutine of a finding to which test it belongs.
func (s *scene) nameTests(f *finding.Finding) {
	for i := range f.Goroutines {
		if g := s.living[f.Goroutines[i].ID]; g != nil {
			f.Goroutines[i].Test = belongsTo(g)
		}
	}
}
