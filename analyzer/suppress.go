package analyzer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// CheckSuppress reports whether text is a suppression; see finding.ParseSuppression.
// The error says what is wrong with it.
func CheckSuppress(text string) error {
	_, err := finding.ParseSuppression(text)
	return err
}

// Suppressions reads patterns of findings not to report, and files of such patterns; see
// finding.ParseSuppression and finding.ReadSuppressions. All that can be read are
// returned; the error joins one for each text or line of a file that cannot.
func Suppressions(patterns, files []string) ([]finding.Suppression, error) {
	var all []finding.Suppression
	var errs []error
	for _, text := range patterns {
		s, err := finding.ParseSuppression(text)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all = append(all, s)
	}
	for _, name := range files {
		read, err := readSuppressions(name)
		all, errs = append(all, read...), append(errs, err)
	}
	return all, errors.Join(errs...)
}

func readSuppressions(name string) ([]finding.Suppression, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reading suppressions: %w", err)
	}
	defer file.Close()
	return finding.ReadSuppressions(name, file)
}

// Suppress sets the findings aside that any of the suppressions matches, or that a
// comment in the source says are not wanted, and says how many.
func Suppress(rep *finding.Report, all []finding.Suppression) {
	counts := make(map[string]int)
	var order []string
	kept := rep.Findings[:0]
	for _, f := range rep.Findings {
		s, unwanted := f.SuppressedBy(all)
		inSource := false
		if !unwanted {
			s, unwanted = f.IgnoredBy(directiveAt)
			inSource = unwanted
		}
		if !unwanted {
			kept = append(kept, f)
			continue
		}
		by := describe(&s)
		rep.Suppressed = append(rep.Suppressed, finding.Suppressed{By: by, InSource: inSource, Finding: f})
		if file, _, found := strings.Cut(s.Where, ":"); found && s.Fingerprint != "" {
			by = "the fingerprints in " + file // a baseline has many, told one by one in the report
		}
		if counts[by]++; counts[by] == 1 {
			order = append(order, by)
		}
	}
	rep.Findings = kept
	for _, by := range order {
		rep.Warn("", "suppressed by %s: %d", by, counts[by])
	}
}

// describe names a suppression: its pattern, where it stands, and the reason.
func describe(s *finding.Suppression) string {
	text := s.Pattern()
	if s.Where != "" {
		text += " at " + s.Where
	}
	if s.Reason != "" {
		text += " (" + s.Reason + ")"
	}
	return text
}

// directiveAt reads the source file of a frame, if it is on this machine.
func directiveAt(frame finding.Frame) (finding.Directive, bool) {
	if !filepath.IsAbs(frame.File) {
		return finding.Directive{}, false // built with -trimpath
	}
	file, err := os.Open(frame.File)
	if err != nil {
		return finding.Directive{}, false
	}
	defer file.Close()
	d, found, _ := finding.DirectiveAt(file, frame.Line) // a file that is torn has no directives
	return d, found
}
