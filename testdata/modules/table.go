package main

import (
	"fmt"
	"strings"
)

const head = `Tests: passed / failed / skipped, as counted by name without subtests, or one triple where all ways agree.
Ratios: wall time and processor time of the test programs, observed to plain.

| module | kind | packages and flags | tests plain | observed | observed with race | wall, CPU | with race: wall, CPU | findings | true | false | unjudged |
| --- | --- | --- | --- | --- | --- | --: | --: | --: | --: | --: | --: |
`

// String is the row of the table.
func (r *row) String() string {
	what := fmt.Sprintf("| %s %s | %s | `%s` |", r.Name, r.Version, r.Kind, strings.ReplaceAll(strings.Join(append(r.Flags[:len(r.Flags):len(r.Flags)], r.Packages...), " "), "|", `\|`))
	if r.failed != nil {
		return fmt.Sprintf("%s %s | | | | | | | | |", what, strings.ReplaceAll(r.failed.Error(), "|", `\|`))
	}
	return fmt.Sprintf("%s %s | %s | %s | %s | %s | %d | %d | %d | %d |", what,
		r.results[plain], r.results[seen], r.results[seenRace], r.ratio(seen, plain), r.ratio(seenRace, plainRace),
		len(r.found), r.count("true"), r.count("false"), r.count("unjudged"))
}

// String counts.
func (r results) String() string {
	return fmt.Sprintf("%d / %d / %d", r.count("pass"), r.count("fail"), r.count("skip"))
}

func (r *row) ratio(a, b int) string {
	x, y := r.took[a], r.took[b]
	if y.Wall == 0 || y.CPU == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f, %.2f", float64(x.Wall)/float64(y.Wall), float64(x.CPU)/float64(y.CPU))
}

// stories are the findings and what else is to be said.
func stories(rows []*row) string {
	var text strings.Builder
	text.WriteString("\n| module | finding | where | judgement |\n| --- | --- | --- | --- |\n")
	for _, r := range rows {
		for _, f := range r.found {
			fmt.Fprintf(&text, "| %s | %s (%s) `%s` | %s | %s |\n", r.Name, f.Rule, f.Certainty, f.Fingerprint, f.sites(), strings.TrimSuffix(f.word+": "+f.reason, ": "))
		}
	}
	text.WriteString("\n")
	for _, r := range rows {
		for _, one := range r.repeats {
			fmt.Fprintf(&text, "- %s: %s passed plain and failed %s; by itself, of %d: %d failed plain, %d observed\n", r.Name, one.test, one.way.name, one.of, one.without, one.observe)
		}
	}
	return text.String()
}
