package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/testdata/internal/sidebyside"
)

// attempts is how often a test that failed only observed is repeated alone.
const attempts = 5

// ways are how the tests are run, each observed one after the one that it is compared with.
var ways = [...]sidebyside.Way{sidebyside.Plain, sidebyside.ZeroTouch, sidebyside.PlainRace, sidebyside.ZeroRace}

// ways are those that were asked for.
func (b *bench) ways() []sidebyside.Way {
	if b.race {
		return ways[:]
	}
	return ways[:2]
}

// row is what all runs of a module showed.
type row struct {
	*module
	failed error // why there is nothing else
	sums   [len(ways)]*sidebyside.Run
	found  []found
	broken []broken
}

// found is a serious finding with what it is worth.
type found struct {
	finding.Finding
	verdict
}

// broken is a test that passed plain and failed observed; still says that it does so each
// time when it runs alone.
type broken struct {
	sidebyside.Test
	way   sidebyside.Way
	still bool
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
	tests := &sidebyside.Tests{
		Doctor: b.doctor, Dir: dir, Env: environment(), Limit: b.limit, Clock: true, Keep: filepath.Join(b.keep, r.Name),
		Flags: append([]string{"-p=1", "-vet=off"}, r.Flags...), Packages: r.Packages,
	}
	if err := os.MkdirAll(tests.Keep, 0o777); err != nil {
		return err
	}
	for _, w := range b.ways() { // builds
		if _, err := tests.Once(ctx, w, "-run=^$"); err != nil {
			return err
		}
	}
	all := finding.NewReport(finding.Tool{})
	for range b.runs {
		for i, w := range b.ways() {
			one, err := tests.Once(ctx, w)
			if err != nil {
				return err
			}
			all.Findings = append(all.Findings, one.Findings...)
			r.add(i, one)
		}
	}
	all.Normalize()
	for i := range all.Findings {
		if f := &all.Findings[i]; sidebyside.IsSerious(f) {
			r.found = append(r.found, found{*f, b.judge.verdict(f)})
		}
	}
	return r.repeat(ctx, tests)
}

// add adds up the runs in one way: a test passes if it always does.
func (r *row) add(way int, run *sidebyside.Run) {
	sum := r.sums[way]
	if sum == nil {
		r.sums[way] = run
		return
	}
	sum.Wall += run.Wall
	sum.CPU += run.CPU
	for test, result := range run.Results {
		if was, ran := sum.Results[test]; !ran || was == "pass" {
			sum.Results[test] = result
		}
	}
}

// repeat runs the tests that failed only observed alone.
func (r *row) repeat(ctx context.Context, tests *sidebyside.Tests) error {
	for i := range ways {
		if !ways[i].Observed || r.sums[i] == nil {
			continue
		}
		list := sidebyside.Broken(r.sums[i-1], r.sums[i])
		still, err := tests.Again(ctx, ways[i], list, attempts)
		if err != nil {
			return fmt.Errorf("repeating %v: %w", list, err)
		}
		for _, test := range list {
			r.broken = append(r.broken, broken{test, ways[i], slices.Contains(still, test)})
		}
	}
	return nil
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
