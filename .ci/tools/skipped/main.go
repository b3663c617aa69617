// Command skipped reads what go test -json prints, prints what people want to see of it,
// and writes the tests that were skipped into a file: lines of a package and a pattern
// for go test -run.
//
//	go test -json ./... | skipped FILE
//
// It fails if a test failed. CI first runs all tests on a machine with nothing but Go,
// and then those that were skipped there with all that they need.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
)

// event is a line of go test -json.
type event struct {
	Action, Package, Test, Output, ImportPath string
}

// result is what is known about a package.
type result struct {
	output  strings.Builder
	skipped []string
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go test -json ./... | skipped FILE")
		os.Exit(2)
	}
	results, err := read(os.Stdin, os.Stdout)
	if err := errors.Join(err, os.WriteFile(os.Args[1], []byte(list(results)), 0o644)); err != nil {
		fmt.Fprintln(os.Stderr, "skipped:", err)
		os.Exit(1)
	}
}

// read prints the last line of each package, and all of a package that failed.
func read(in io.Reader, out io.Writer) (map[string]*result, error) {
	results := make(map[string]*result)
	var failed []string
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<26)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			fmt.Fprintln(out, lines.Text()) // of the go command itself
			continue
		}
		name := e.Package + e.ImportPath
		r := results[name]
		if r == nil {
			r = new(result)
			results[name] = r
		}
		switch {
		case e.Action == "output" || e.Action == "build-output":
			r.output.WriteString(e.Output)
		case e.Action == "skip" && e.Test != "":
			r.skipped = append(r.skipped, e.Test)
		case (e.Action == "fail" || e.Action == "build-fail") && e.Test == "":
			failed = append(failed, name)
			fmt.Fprint(out, r.output.String())
		case e.Action == "pass" && e.Test == "":
			fmt.Fprintln(out, lastLine(r.output.String()))
		}
	}
	if len(failed) > 0 {
		return results, fmt.Errorf("failed: %s", strings.Join(failed, " "))
	}
	return results, lines.Err()
}

func lastLine(text string) string {
	text = strings.TrimRight(text, "\n")
	return text[strings.LastIndexByte(text, '\n')+1:]
}

// list returns lines of a package and a pattern that matches its skipped tests, one for
// each depth of subtests.
func list(results map[string]*result) string {
	var lines []string
	for name, r := range results {
		byDepth := make(map[int][]string)
		for _, test := range r.skipped {
			depth := strings.Count(test, "/")
			byDepth[depth] = append(byDepth[depth], test)
		}
		for _, tests := range byDepth {
			lines = append(lines, name+" "+pattern(tests)+"\n")
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// pattern matches tests of one depth with what is below them. It can match others of the
// same parents and names.
func pattern(tests []string) string {
	var levels []string
	for _, test := range tests {
		for i, name := range strings.Split(test, "/") {
			if i == len(levels) {
				levels = append(levels, "")
			}
			if quoted := regexp.QuoteMeta(name); !slices.Contains(strings.Split(levels[i], "|"), quoted) {
				levels[i] = strings.TrimPrefix(levels[i]+"|"+quoted, "|")
			}
		}
	}
	for i, names := range levels {
		levels[i] = "^(" + names + ")$"
	}
	return strings.Join(levels, "/")
}
