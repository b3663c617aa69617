package sidebyside

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
)

// Broken returns the top-level tests, and the packages, that pass in one run and in the
// other do not, in order. A test that has no result is one that did not pass: its
// program ended before.
func Broken(plain, other *Run) (list []Test) {
	for test, result := range plain.Results {
		if result == "pass" && test == test.Parent() && other.Results[test] != "pass" {
			list = append(list, test)
		}
	}
	// A package that fails for its tests says nothing more.
	list = slices.DeleteFunc(list, func(p Test) bool {
		return p.Name == "" && slices.ContainsFunc(list, func(t Test) bool { return t.Name != "" && t.Package == p.Package })
	})
	slices.SortFunc(list, func(a, b Test) int {
		return cmp.Or(strings.Compare(a.Package, b.Package), strings.Compare(a.Name, b.Name))
	})
	return list
}

// Again runs tests alone, several times, and returns those that never passed: the others
// fail when it pleases them. What is said of a package stays.
func (t *Tests) Again(ctx context.Context, way Way, tests []Test, times int) (still []Test, err error) {
	for _, test := range tests {
		passed := false
		for i := 0; i < times && !passed && test.Name != ""; i++ {
			alone := *t
			alone.Packages = []string{test.Package}
			r, err := alone.Once(ctx, way, "-run", "^"+regexp.QuoteMeta(test.Name)+"$")
			if err != nil {
				return nil, err
			}
			passed = r.Results[test] == "pass"
		}
		if !passed {
			still = append(still, test)
		}
	}
	return still, nil
}
