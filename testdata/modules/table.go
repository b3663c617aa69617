package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

const head = `Tests: passed, failed, skipped, without subtests. Times of the test programs: wall, processor;
plain in seconds, and what zero touch takes of that.

| module | kind | flags and packages | plain | zero touch | plain -race | zero touch -race | seconds | times | times with -race | findings: true, false, unjudged |
| --- | --- | --- | --: | --: | --: | --: | --: | --: | --: | --: |
`

// String is the row of the table.
func (r *row) String() string {
	cells := []string{r.Name + " " + r.Version, r.Kind, "`" + strings.Join(slices.Concat(r.Flags, r.Packages), " ") + "`"}
	if r.failed != nil {
		cells = append(cells, r.failed.Error(), "", "", "", "", "", "", "")
	} else {
		for _, sum := range r.sums {
			counts := "–"
			if sum != nil {
				counts = fmt.Sprintf("%d, %d, %d", sum.Count("pass"), sum.Count("fail"), sum.Count("skip"))
			}
			cells = append(cells, counts)
		}
		plain := r.sums[0]
		cells = append(cells, fmt.Sprintf("%.2f, %.2f", plain.Wall.Seconds(), plain.CPU.Seconds()), r.ratio(1), r.ratio(3), fmt.Sprintf("%d, %d, %d", r.count("true"), r.count("false"), r.count("unjudged")))
	}
	for i, c := range cells {
		cells[i] = strings.NewReplacer("|", `\|`, "\n", " ").Replace(strings.TrimSpace(c))
	}
	return "| " + strings.Join(cells, " | ") + " |"
}

// ratio compares an observed way with the plain one before it.
func (r *row) ratio(way int) string {
	seen, plain := r.sums[way], r.sums[way-1]
	if seen == nil {
		return "–"
	}
	of := func(a, b time.Duration) string {
		return fmt.Sprintf("%.2f", a.Seconds()/max(b, time.Millisecond).Seconds())
	}
	return of(seen.Wall, plain.Wall) + ", " + of(seen.CPU, plain.CPU)
}

// stories are the findings, and the tests that failed only observed.
func stories(rows []*row) string {
	var text strings.Builder
	text.WriteString("\n| module | finding | where | judgement |\n| --- | --- | --- | --- |\n")
	for _, r := range rows {
		for _, f := range r.found {
			judged := strings.TrimSuffix(f.word+": "+f.reason, ": ")
			fmt.Fprintf(&text, "| %s | %s (%s) `%s` | %s | %s |\n", r.Name, f.Rule, f.Certainty, f.Fingerprint, f.where(), judged)
		}
	}
	text.WriteString("\n")
	for _, r := range rows {
		for _, one := range r.broken {
			how := "passes alone"
			if one.still {
				how = fmt.Sprintf("fails %d times of %d alone", attempts, attempts)
			}
			fmt.Fprintf(&text, "- %s: %s passes plain and fails %s: %s\n", r.Name, one.Test, one.way.Name, how)
		}
	}
	return text.String()
}

// where are the lines at fault.
func (f *found) where() string {
	var all []string
	add := func(s finding.Stack) {
		if text := s.Site().String(); len(s) > 0 && !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	for _, g := range f.Goroutines {
		for _, h := range g.Holds {
			add(h.Stack)
		}
		if g.Wait != nil {
			add(g.Wait.Stack)
		}
	}
	for _, p := range f.Places {
		add(p.Stack)
	}
	return strings.Join(all, ", ")
}
