package finding

// Change says how a finding stands to an earlier report.
type Change string

// The changes. What is gone is in Report.Gone.
const (
	New    Change = "new"
	Worse  Change = "worse"
	Better Change = "better"
	Same   Change = "same"
)

// changeRatio is the growth from which a finding counts as worse, and its inverse as
// better: waits vary by a tenth or two from run to run without any change.
const changeRatio = 1.25

// CompareWith sets the Change of each finding of r, by fingerprint, and puts the
// findings of base that r does not have into r.Gone. Both reports must be
// normalized. Weight is the goroutine time lost per time that was looked at, where
// both reports say what time they cover; else the number of goroutines, or how often it was seen.
// A finding that became more severe is worse whatever its weight. A disease that was
// suppressed is not gone.
func (r *Report) CompareWith(base *Report) {
	before := make(map[string]*Finding, len(base.Findings))
	for i := range base.Findings {
		before[base.Findings[i].Fingerprint] = &base.Findings[i]
	}
	seen := make(map[string]bool, len(r.Findings))
	now, then := r.covered(), base.covered()
	for i := range r.Findings {
		f := &r.Findings[i]
		seen[f.Fingerprint] = true
		f.Change = New
		if b := before[f.Fingerprint]; b != nil {
			f.Change = sighting{f, now}.change(sighting{b, then})
		}
	}
	for _, s := range r.Suppressed {
		seen[s.Finding.Fingerprint] = true
	}
	r.Gone = nil
	for _, b := range base.Findings {
		if !seen[b.Fingerprint] {
			b.Change = ""
			r.Gone = append(r.Gone, b)
		}
	}
}

// covered is the time that the report's inputs cover, 0 if they do not say.
func (r *Report) covered() float64 {
	longest := int64(0)
	for _, in := range r.Inputs {
		longest = max(longest, in.Nanos)
	}
	return float64(longest)
}

// sighting is a finding of a report that covers so many nanoseconds, 0 if it does not say.
type sighting struct {
	*Finding
	covered float64
}

func (s sighting) change(before sighting) Change {
	switch {
	case s.Severity > before.Severity:
		return Worse
	case s.Severity < before.Severity:
		return Better
	}
	x, y := s.number(), before.number()
	if s.LostNanos > 0 && before.LostNanos > 0 && s.covered > 0 && before.covered > 0 {
		x, y = float64(s.LostNanos)/s.covered, float64(before.LostNanos)/before.covered
	}
	switch {
	case x >= y*changeRatio:
		return Worse
	case x*changeRatio <= y:
		return Better
	}
	return Same
}

// number is how many goroutines the finding speaks of, else how often it was seen.
func (f *Finding) number() float64 {
	all := f.Measures
	for _, p := range f.Places {
		all = append(all[:len(all):len(all)], p.Measures...)
	}
	for _, m := range all {
		if m.Name == "goroutines" {
			return m.Value
		}
	}
	return float64(f.Count)
}
