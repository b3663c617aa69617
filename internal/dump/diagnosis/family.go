package diagnosis

import (
	"cmp"
	"regexp"
	"strings"
)

// family is the goroutines of one test or, outside of tests, of the program.
type family struct {
	// test is the test's name, "" for the program.
	test    string
	members []int
}

// testFunc is the function of a test below tRunner, with the literals in it.
var testFunc = regexp.MustCompile(`\.((?:Test|Benchmark|Fuzz|Example)[^.\[]*)((?:\.func\d+(?:\.\d+)*)*)$`)

// testOf returns the test whose own goroutine this is, "" if it is none.
func (j *judging) testOf(g *goroutine) string {
	n := len(g.Stack)
	if n < 2 || !g.runsTest() {
		return ""
	}
	m := testFunc.FindStringSubmatch(g.Stack[n-2].Func)
	if m == nil {
		return ""
	}
	return j.runningName(m[1], m[2] != "")
}

// runningName returns which of the tests that were running a function belongs to: a
// literal in TestX is a subtest of it.
func (j *judging) runningName(function string, literal bool) string {
	found := ""
	for _, t := range j.Tests {
		name, _, _ := strings.Cut(t, " ")
		if literal && strings.HasPrefix(name, function+"/") || name == function && !literal {
			if found != "" {
				return function // one of several subtests
			}
			found = name
		}
	}
	if found == "" {
		return function
	}
	return found
}

// ancestorTest follows the goroutine's creators to the goroutine of a test; "" if it does
// not come from one, or a creator has ended.
func (j *judging) ancestorTest(i int) string {
	for range len(j.goroutines) {
		g := &j.goroutines[i]
		if test := j.testOf(g); test != "" {
			return test
		}
		parent, known := j.byID[g.Parent]
		if !known || parent == i {
			return ""
		}
		i = parent
	}
	return ""
}

// families sorts the users' goroutines by the test that they come from; those whose
// creators have ended, and what other tests have left behind, are of none. Where nothing
// moves and one test was running, they are its own: nothing else could have any more to do
// with them.
func (j *judging) families(still bool) []*family {
	by := make(map[string]*family)
	var all []*family
	only := ""
	if tests := j.running(); still && len(tests) == 1 {
		only = tests[0]
	}
	for i := range j.goroutines {
		if j.stands[i] == aside || !j.goroutines[i].isUsers() {
			continue
		}
		test := cmp.Or(j.ancestorTest(i), only)
		if by[test] == nil {
			by[test] = &family{test: test}
			all = append(all, by[test])
		}
		by[test].members = append(by[test].members, i)
	}
	return all
}

// running are the tests whose own goroutines are in the dump and do not wait for subtests.
func (j *judging) running() (tests []string) {
	for i := range j.goroutines {
		if test := j.testOf(&j.goroutines[i]); test != "" && j.stands[i] != aside {
			tests = append(tests, test)
		}
	}
	return tests
}

// runsTest reports whether the goroutine is the one that runs a test.
func (g *goroutine) runsTest() bool {
	return len(g.Stack) > 0 && strings.HasPrefix(g.Stack[len(g.Stack)-1].Func, "testing.tRunner")
}

// want announces to the sources which functions will be asked about, so that each package is
// read once: those that wait, and, where one waits for a lock, all of its package.
func (j *judging) want() {
	for i := range j.goroutines {
		for _, f := range j.goroutines[i].Stack {
			j.frames[f] = true
		}
	}
	for i := range j.goroutines {
		g := &j.goroutines[i]
		site := g.site()
		if site >= len(g.Stack) || !g.role.CanLeak() || g.Stack[site].IsStandard() {
			continue
		}
		j.opts.Sources.Want(g.Stack[site])
		if g.role.IsLock() {
			j.wantPackage(g.Stack[site].Package())
		}
	}
}
