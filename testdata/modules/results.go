package main

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
)

// test names a test; without a name it is the package itself.
type test struct{ pkg, name string }

func (t test) String() string { return strings.TrimSpace(t.pkg + " " + t.name) }

// results are how tests ended: "pass", "fail" or "skip". Subtests are part of theirs.
type results map[test]string

// readResults reads the output of go test -json.
func readResults(r io.Reader) results {
	all := make(results)
	for lines := json.NewDecoder(r); ; {
		var e struct{ Action, Package, Test, FailedBuild string }
		if err := lines.Decode(&e); err != nil {
			return all // what follows is not the go command's
		}
		t := test{e.Package, e.Test}
		switch {
		case strings.Contains(e.Test, "/") || e.Package == "":
		case e.FailedBuild != "":
			all[t] = "broken"
		case e.Action == "run":
			all[t] = "fail" // until it ends: one that ends the program does not
		case e.Action == "pass", e.Action == "fail", e.Action == "skip":
			all[t] = e.Action
		}
	}
}

// count returns how many tests ended so.
func (r results) count(how string) (n int) {
	for t, result := range r {
		if t.name != "" && result == how {
			n++
		}
	}
	return n
}

// broken are the packages that do not build.
func (r results) broken() (pkgs []string) {
	for t, result := range r {
		if result == "broken" {
			pkgs = append(pkgs, t.pkg)
		}
	}
	slices.Sort(pkgs)
	return pkgs
}

// worse are the tests that pass in r and not in o, and packages of which each test
// does.
func (r results) worse(o results) (all []test) {
	failed := make(map[string]bool)
	for t, result := range r {
		if t.name != "" && result == "pass" && o[t] != "pass" {
			all = append(all, t)
			failed[t.pkg] = true
		}
	}
	for t, result := range r {
		if t.name == "" && result == "pass" && o[t] != "pass" && !failed[t.pkg] {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b test) int { return strings.Compare(a.String(), b.String()) })
	return all
}
