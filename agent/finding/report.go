package finding

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/concdoctor/concdoctor/internal/untrusted"
)

// SchemaVersion is the version of the JSON form. A reader accepts only its own;
// fields may be added without a new number, none may change its meaning.
const SchemaVersion = 1

// Report is what one analysis says.
type Report struct {
	Schema   int       `json:"schema"`
	Tool     Tool      `json:"tool"`
	Inputs   []Input   `json:"inputs,omitempty"`
	Summary  Summary   `json:"summary"`
	Findings []Finding `json:"findings"`
	// Blocked are the processes that ended, or were looked at, with goroutines blocked.
	Blocked []BlockedProcess `json:"blocked,omitempty"`
	// Suppressed are the findings that a suppression leaves out. They count for
	// nothing: no exit status, no verdict.
	Suppressed []Suppressed `json:"suppressed,omitempty"`
	// Gone are the findings of the report that this one was compared with that are no
	// longer there.
	Gone     []Finding `json:"gone,omitempty"`
	Warnings []Caveat  `json:"warnings,omitempty"`
}

// Suppressed is a finding with the pattern that suppressed it.
type Suppressed struct {
	By string `json:"by"`
	// InSource says that a comment beside the code did.
	InSource bool    `json:"in_source,omitempty"`
	Finding  Finding `json:"finding"`
}

// Tool names the program that made the report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Input is one thing that was read.
type Input struct {
	Name string `json:"name"`
	// Kind is what its content was recognised as: "execution trace", "mutex profile".
	Kind  string `json:"kind"`
	Bytes int64  `json:"bytes,omitempty"`
	// Events counts trace events or profile samples.
	Events int64 `json:"events,omitempty"`
	// Nanos is the time that it covers.
	Nanos int64 `json:"duration_nanos,omitempty"`
}

// Caveat is something about the inputs that the reader of the findings must
// know: what was lost, what could not be determined.
type Caveat struct {
	Input string `json:"input,omitempty"`
	Text  string `json:"text"`
	// Block is the part of the input that it speaks of, as it stands there; may be empty.
	Block string `json:"block,omitempty"`
	// Unread says that the input, or the part of it that it speaks of, could not be read.
	Unread bool `json:"unread,omitempty"`
}

// NewReport returns an empty report of the current schema.
func NewReport(tool Tool) *Report {
	return &Report{Schema: SchemaVersion, Tool: tool, Findings: []Finding{}}
}

// Warn adds a warning about an input.
func (r *Report) Warn(input, format string, args ...any) {
	r.Warnings = append(r.Warnings, Caveat{Input: input, Text: fmt.Sprintf(format, args...)})
}

// WarnUnread adds a warning about an input, or a part of it, that could not be read.
func (r *Report) WarnUnread(input, format string, args ...any) {
	r.Warn(input, format, args...)
	r.Warnings[len(r.Warnings)-1].Unread = true
}

// Add takes over the inputs, findings and warnings of another report. Its summary is
// left out, but for the parts that are lists.
func (r *Report) Add(o *Report) {
	r.Inputs = append(r.Inputs, o.Inputs...)
	r.Findings = append(r.Findings, o.Findings...)
	r.Blocked = append(r.Blocked, o.Blocked...)
	r.Suppressed = append(r.Suppressed, o.Suppressed...)
	r.Gone = append(r.Gone, o.Gone...)
	r.Warnings = append(r.Warnings, o.Warnings...)
	r.Summary.Schedules = append(r.Summary.Schedules, o.Summary.Schedules...)
	r.Summary.Profiles = append(r.Summary.Profiles, o.Summary.Profiles...)
}

// Normalize fills missing fingerprints and counts, merges findings with the same
// fingerprint, distinguishes those with the same title and puts all in their total order. It
// is idempotent.
func (r *Report) Normalize() {
	for i := range r.Suppressed {
		r.Suppressed[i].Finding.complete()
	}
	merged := make([]Finding, 0, len(r.Findings))
	at := make(map[string]int, len(r.Findings))
	for _, f := range r.Findings {
		f.complete()
		if i, seen := at[f.Fingerprint]; seen {
			merged[i] = mergeSame(merged[i], f)
			continue
		}
		at[f.Fingerprint] = len(merged)
		merged = append(merged, f)
	}
	tellApart(merged)
	slices.SortStableFunc(merged, Compare)
	r.Findings = merged
}

// complete fills what a finding may lack before it is shown.
func (f *Finding) complete() {
	if f.Fingerprint == "" {
		f.Fingerprint = f.ComputeFingerprint()
	}
	f.Count = max(f.Count, 1)
}

// mergeSame joins two sightings of one diagnosis: the surer one provides the story,
// counts, losses and evidence add up.
func mergeSame(a, b Finding) Finding {
	if b.Certainty > a.Certainty {
		a, b = b, a
	}
	a.Severity = max(a.Severity, b.Severity)
	a.Count += b.Count
	a.LostNanos += b.LostNanos
	a.Evidence = append(slices.Clip(a.Evidence), b.Evidence...)
	a.AddSeen(b.Seen...)
	if a.First.IsZero() || !b.First.IsZero() && b.First.Before(a.First) {
		a.First = b.First
	}
	if b.Last.After(a.Last) {
		a.Last = b.Last
	}
	return a
}

// Compare is the total order of findings: worst severity first, then surest, then
// most time lost, then most goroutines, then by rule and fingerprint.
func Compare(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(b.Severity, a.Severity),
		cmp.Compare(b.Certainty, a.Certainty),
		cmp.Compare(b.LostNanos, a.LostNanos),
		cmp.Compare(b.goroutines(), a.goroutines()),
		cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Fingerprint, b.Fingerprint),
		cmp.Compare(a.Title, b.Title),
	)
}

// goroutines is the largest number of goroutines that a measure of the finding counts.
func (f *Finding) goroutines() (most float64) {
	for _, m := range f.Measures {
		if m.Name == "goroutines" {
			most = max(most, m.Value)
		}
	}
	for _, p := range f.Places {
		for _, m := range p.Measures {
			if m.Name == "goroutines" {
				most = max(most, m.Value)
			}
		}
	}
	return most
}

// CountAtOrAbove returns how many findings are at least as bad as s.
func (r *Report) CountAtOrAbove(s Severity) int {
	n := 0
	for i := range r.Findings {
		if r.Findings[i].Severity >= s {
			n++
		}
	}
	return n
}

// Write writes the report as indented JSON, ending with a newline. Control characters and
// their like are escaped.
func (r *Report) Write(w io.Writer) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(r)
	if err == nil {
		_, err = w.Write(untrusted.JSON(b.Bytes()))
	}
	if err != nil {
		return fmt.Errorf("writing report: %w", err)
	}
	return nil
}

// Read reads a report that Write wrote. It fails for other JSON and for a report
// of another schema version, and says which.
func Read(rd io.Reader) (*Report, error) {
	var r Report
	if err := json.NewDecoder(rd).Decode(&r); err != nil {
		return nil, fmt.Errorf("reading report: %w", describe(err))
	}
	switch {
	case r.Schema == 0:
		return nil, errors.New("reading report: not a concdoctor report: it has no schema version")
	case r.Schema != SchemaVersion:
		return nil, fmt.Errorf("reading report: schema version %d, this program reads %d", r.Schema, SchemaVersion)
	}
	return &r, r.check()
}

// check holds what a report from outside must satisfy before it is rendered.
// Invariant: a finding has a certainty and a severity, and every Hold and Wait
// names a resource of its own finding.
func (r *Report) check() error {
	for i := range r.Findings {
		if err := r.Findings[i].check(); err != nil {
			return fmt.Errorf("reading report: finding %d (%s): %w", i, r.Findings[i].Rule, err)
		}
	}
	for i := range r.Suppressed {
		if err := r.Suppressed[i].Finding.check(); err != nil {
			return fmt.Errorf("reading report: suppressed finding %d (%s): %w", i, r.Suppressed[i].Finding.Rule, err)
		}
	}
	return nil
}

func (f *Finding) check() error {
	switch {
	case f.Certainty == 0:
		return errors.New("no certainty")
	case f.Severity == 0:
		return errors.New("no severity")
	}
	for _, g := range f.Goroutines {
		refs := make([]int, 0, len(g.Holds)+1)
		for _, h := range g.Holds {
			refs = append(refs, h.Resource)
		}
		if g.Wait != nil {
			refs = append(refs, g.Wait.Resource)
		}
		for _, ref := range refs {
			if ref < 0 || ref >= len(f.Resources) {
				return fmt.Errorf("resource %d of %d", ref, len(f.Resources))
			}
		}
	}
	return nil
}

// describe adds the byte offset that encoding/json knows but does not print.
func describe(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("byte %d: %w", syntax.Offset, err)
	}
	if errors.Is(err, io.EOF) {
		return errors.New("the input is empty")
	}
	return err
}
