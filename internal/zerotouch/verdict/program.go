package verdict

import (
	"debug/buildinfo"
	"path/filepath"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// programOf names a program by the package that it was built from. The go command
// removes a test's executable when it is done; then stacks show the package of the tests,
// and the name of the file what else there is.
func programOf(t *tape.Tape) string {
	if name := builtFrom(t.Executable); name != "" {
		return name
	}
	for i := range t.Uses {
		if name := testedBy(t.Uses[i].Stack); name != "" {
			return name
		}
	}
	for i := range t.Dependencies {
		if name := testedBy(t.Dependencies[i].Stack); name != "" {
			return name
		}
	}
	return strings.TrimSuffix(filepath.Base(t.Executable), ".test")
}

// builtFrom asks the executable, if it is still there.
func builtFrom(executable string) string {
	info, err := buildinfo.ReadFile(executable)
	if err != nil || info.Path == "command-line-arguments" {
		return ""
	}
	return strings.TrimSuffix(info.Path, ".test")
}

// testedBy returns the package of the test that a stack is of, without the suffix that
// tests from outside of the package have.
func testedBy(s finding.Stack) string {
	for i, f := range s {
		if i > 0 && f.Func == "testing.tRunner" && !s[i-1].IsStandard() {
			return strings.TrimSuffix(s[i-1].Package(), "_test")
		}
	}
	return ""
}
