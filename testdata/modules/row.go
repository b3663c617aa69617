package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// row is what all runs of a module showed.
type row struct {
	*module
	failed  error // why there is nothing else
	results [len(ways)]results
	took    [len(ways)]took
	found   []found
	waits   int // findings at potential or above that measure
	repeats []repeat
}

// found is a finding that is judged.
type found struct {
	finding.Finding
	verdict
}

// repeat is a test that failed only observed, and how often when it was repeated.
type repeat struct {
	test
	way                  way
	of, without, observe int
}

// row tests a module.
func (b *bench) row(ctx context.Context, m *module) *row {
	r := &row{module: m}
	r.failed = b.fill(ctx, r)
	return r
}

func (b *bench) fill(ctx context.Context, r *row) error {
	dir, err := b.fetch(ctx, r.module)
	if err != nil {
		return err
	}
	for _, w := range ways {
		if err := b.build(ctx, w, dir, r.module); err != nil {
			return err
		}
	}
	merged := finding.NewReport(finding.Tool{})
	for n := range b.runs {
		for i, w := range ways {
			o, err := b.test(ctx, w, dir, fmt.Sprintf("%s.%s.%d", r.Name, w.name, n+1), slices.Concat(r.Flags, r.Packages)...)
			if err != nil {
				return err
			}
			r.took[i].add(o.took)
			r.results[i] = r.results[i].and(o.results)
			if o.report != nil {
				merged.Add(o.report)
			}
		}
	}
	merged.Normalize()
	r.judge(merged, b.judge)
	return b.repeat(ctx, r, dir)
}

func (r *row) judge(rep *finding.Report, by judge) {
	for i := range rep.Findings {
		switch f := &rep.Findings[i]; {
		case isFault(f):
			r.found = append(r.found, found{*f, by.verdict(f)})
		case f.Certainty >= finding.Potential:
			r.waits++
		}
	}
}

// repeat runs the tests that failed only observed by themselves, in both ways.
func (b *bench) repeat(ctx context.Context, r *row, dir string) error {
	for _, pair := range [...][2]int{{plain, seen}, {plainRace, seenRace}} {
		for _, t := range r.results[pair[0]].worse(r.results[pair[1]]) {
			one := repeat{test: t, way: ways[pair[1]], of: b.again}
			for n := range b.again {
				for i, failed := range [...]*int{&one.without, &one.observe} {
					name := fmt.Sprintf("%s.again.%s.%s.%d", r.Name, t.name, ways[pair[i]].name, n+1)
					o, err := b.test(ctx, ways[pair[i]], dir, name, slices.Concat(b.only(r, t), []string{t.pkg})...)
					if err != nil {
						return err
					}
					if o.results[t] != "pass" {
						*failed++
					}
				}
			}
			r.repeats = append(r.repeats, one)
		}
	}
	return nil
}

// only are the flags for one test, or for the whole package.
func (b *bench) only(r *row, t test) []string {
	if t.name == "" {
		return r.Flags
	}
	return append(withoutRun(r.Flags), "-run=^"+t.name+"$")
}

// and returns the results of two runs: what passed in both.
func (r results) and(o results) results {
	if r == nil {
		return o
	}
	for t, result := range o {
		if was, ran := r[t]; !ran || was == "pass" {
			r[t] = result
		}
	}
	return r
}

// count returns how many findings have the verdict.
func (r *row) count(word string) (n int) {
	for _, f := range r.found {
		if f.word == word {
			n++
		}
	}
	return n
}

// sites are where a finding is at fault, shortly.
func (f *found) sites() string {
	var all []string
	add := func(frame finding.Frame) {
		if text := frame.String(); !frame.IsZero() && !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	for _, g := range f.Goroutines {
		for _, h := range g.Holds {
			add(h.Stack.Site())
		}
		if g.Wait != nil {
			add(g.Wait.Stack.Site())
		}
	}
	for _, p := range f.Places {
		add(p.Stack.Site())
	}
	return strings.Join(all, ", ")
}
