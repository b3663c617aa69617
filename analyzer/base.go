package analyzer

import (
	"context"
	"errors"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/profile"
)

// base is the earlier run that the inputs are compared with: an analysis of its own,
// with the places of each profile and dump beside its findings.
type base struct {
	*analysis
	read int // inputs
}

// readBase reads an input of the earlier run.
func (a *analysis) readBase(ctx context.Context, name string) error {
	in, err := a.open(ctx, name)
	if err != nil {
		return err
	}
	if a.base.analysis == nil {
		a.base.analysis = newAnalysis(a.opts, a.limit)
	}
	if err = a.base.analysis.read(ctx, in); err == nil {
		a.base.read++
	}
	return errors.Join(err, in.Close())
}

// of returns the profile or dump of the base that p compares with, nil if there is none.
func (b *base) of(p *profile.Profile) *profile.Profile {
	if b.analysis == nil {
		return nil
	}
	for _, c := range b.counts {
		if c.Profile.IsComparable(p) {
			return c.Profile
		}
	}
	return nil
}

// compare marks what is new, worse and better than in the base, and what is gone.
func (a *analysis) compare() {
	if a.base.read == 0 {
		return
	}
	b := a.base.analysis
	corroborate(b.rep, b.judgeCounts())
	b.rep.Normalize()
	a.rep.CompareWith(b.rep)
	for _, p := range b.counts {
		used := false
		for _, now := range a.rep.Summary.Profiles {
			used = used || now.Base == p.Input
		}
		if !used {
			a.rep.Warn(p.Input, "this base was compared by its findings only: no input is a %s, or an earlier base is one too", p.Kind)
		}
	}
	if !sharesKind(b.rep.Inputs, a.rep.Inputs) {
		a.rep.Warn("", "the base is of another kind than the inputs: what one kind cannot show is told as gone")
	}
}

// sharesKind reports whether some input of each is of one kind, or one of them has no
// inputs.
func sharesKind(a, b []finding.Input) bool {
	for _, x := range a {
		for _, y := range b {
			if x.Kind == y.Kind {
				return true
			}
		}
	}
	return len(a) == 0 || len(b) == 0
}
