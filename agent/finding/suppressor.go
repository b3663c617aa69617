package finding

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Suppressor says which findings are not wanted: those that match a pattern, those that a
// file of patterns or a baseline names, and those at whose lines a comment in the source
// says so; see [ParseSuppression], [ReadSuppressions] and [Directive]. It may be used by
// several goroutines at once. It reads source files: no caller holds a lock meanwhile that
// a program could wait for.
type Suppressor struct {
	patterns []Suppression
	// directives are the comments that were looked for: a line that is met again is not
	// read again.
	directives sync.Map // sourceLine -> *Directive, nil if there is none
}

type sourceLine struct {
	file string
	line int
}

// NewSuppressor reads the patterns and the files of patterns. It is never nil: what can be
// read is in force, and the error joins one for each text, file or line that cannot.
func NewSuppressor(patterns, files []string) (*Suppressor, error) {
	s := new(Suppressor)
	var errs []error
	for _, text := range patterns {
		p, err := ParseSuppression(text)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		s.patterns = append(s.patterns, p)
	}
	for _, name := range files {
		errs = append(errs, s.read(name))
	}
	return s, errors.Join(errs...)
}

func (s *Suppressor) read(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("reading suppressions: %w", err)
	}
	defer file.Close()
	read, err := ReadSuppressions(name, file)
	s.patterns = append(s.patterns, read...)
	return err
}

// Suppresses returns what says that the finding is not wanted, and whether anything does.
// A comment in the source that is not in force becomes evidence of the finding.
func (s *Suppressor) Suppresses(f *Finding) (by Suppression, inSource, suppressed bool) {
	if by, suppressed = f.SuppressedBy(s.patterns); suppressed {
		return by, false, true
	}
	by, suppressed = f.IgnoredBy(s.directiveAt)
	return by, suppressed, suppressed
}

func (s *Suppressor) directiveAt(frame Frame) (Directive, bool) {
	at := sourceLine{frame.File, frame.Line}
	known, met := s.directives.Load(at)
	if !met {
		known, _ = s.directives.LoadOrStore(at, readDirective(at))
	}
	d := known.(*Directive)
	if d == nil {
		return Directive{}, false
	}
	return *d, true
}

// readDirective returns nil where there is no directive, or no source: a program may run
// far from it, and a file that is torn has no directives.
func readDirective(at sourceLine) *Directive {
	if !filepath.IsAbs(at.file) {
		return nil // built with -trimpath
	}
	file, err := os.Open(at.file)
	if err != nil {
		return nil
	}
	defer file.Close()
	d, found, err := DirectiveAt(file, at.line)
	if err != nil || !found {
		return nil
	}
	return &d
}

// Suppress moves the findings that are not wanted to r.Suppressed, and warns of how many
// there were by what said so.
func (r *Report) Suppress(s *Suppressor) {
	counts := make(map[string]int)
	var order []string
	kept := r.Findings[:0]
	for _, f := range r.Findings {
		by, inSource, suppressed := s.Suppresses(&f)
		if !suppressed {
			kept = append(kept, f)
			continue
		}
		r.Suppressed = append(r.Suppressed, Suppressed{By: by.describe(), InSource: inSource, Finding: f})
		name := by.group()
		if counts[name]++; counts[name] == 1 {
			order = append(order, name)
		}
	}
	r.Findings = kept
	for _, name := range order {
		r.Warn("", "suppressed by %s: %d", name, counts[name])
	}
}

// describe names a suppression: its pattern, where it stands, and the reason.
func (s Suppression) describe() string {
	text := s.Pattern()
	if s.Where != "" {
		text += " at " + s.Where
	}
	if s.Reason != "" {
		text += " (" + s.Reason + ")"
	}
	return text
}

// group names what a suppression is counted with: a baseline has many fingerprints, which
// the report lists one by one.
func (s Suppression) group() string {
	if file, _, found := strings.Cut(s.Where, ":"); found && s.Fingerprint != "" {
		return "the fingerprints in " + file
	}
	return s.describe()
}

// BaselineFiles returns the baseline as a list of files to read suppressions from. The
// list is empty without a baseline, and where the same file is about to be written and
// does not exist yet.
func BaselineFiles(baseline, written string) []string {
	if baseline == "" {
		return nil
	}
	if _, err := os.Stat(baseline); baseline == written && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return []string{baseline}
}

// AppendBaseline adds the findings to a baseline, which it creates if need be. Several
// processes may do so at once: each line is one write.
func AppendBaseline(name string, findings ...Finding) error {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("writing baseline: %w", err)
	}
	return errors.Join(WriteBaseline(file, time.Now(), findings...), file.Close())
}
