package diagnosis

import (
	"regexp"
	"strings"

	"github.com/concdoctor/concdoctor/internal/lockset"
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
func (j *judge) testOf(g *goroutine) string {
	n := len(g.Stack)
	if n < 2 || !strings.HasPrefix(g.Stack[n-1].Func, "testing.tRunner") {
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
func (j *judge) runningName(function string, literal bool) string {
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
func (j *judge) ancestorTest(i int) string {
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

// families sorts the users' goroutines by the test that they come from. Where one test was
// running, those whose creators have ended are taken for its own.
func (j *judge) families() []*family {
	by := make(map[string]*family)
	var all []*family
	only := ""
	if len(j.Tests) == 1 {
		only, _, _ = strings.Cut(j.Tests[0], " ")
	}
	for i := range j.goroutines {
		if j.stands[i] == aside || !j.goroutines[i].isUsers() {
			continue
		}
		test := j.ancestorTest(i)
		if test == "" {
			test = only
		}
		if by[test] == nil {
			by[test] = &family{test: test}
			all = append(all, by[test])
		}
		by[test].members = append(by[test].members, i)
	}
	return all
}

// want tells the sources which functions will be asked about, so that each package is
// read once.
func (j *judge) want() {
	packages := make(map[string]bool)
	for i := range j.goroutines {
		g := &j.goroutines[i]
		if site := g.site(); site < len(g.Stack) && g.role.CanLeak() && !g.Stack[site].IsStandard() {
			j.opts.Sources.Want(g.Stack[site])
			if g.role.IsLock() {
				packages[g.Stack[site].Package()] = true
			}
		}
	}
	if len(packages) == 0 {
		return
	}
	asked := make(map[lockset.Point]bool)
	for i := range j.goroutines {
		for _, f := range j.goroutines[i].Stack {
			if p := (lockset.Point{Frame: f}); packages[f.Package()] && !asked[p] {
				asked[p] = true
				j.opts.Sources.Want(f)
			}
		}
	}
}
