package detect

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/policy"
)

// unwanted says which findings are not reported.
type unwanted struct {
	suppressions []finding.Suppression
	// directives are the comments that were looked for, by position: a line that is
	// met again is not read again.
	directives sync.Map // position -> *finding.Directive, nil if there is none
}

type position struct {
	file string
	line int
}

// newUnwanted reads what the options name. The error tells what could not be read.
func newUnwanted(o *policy.Options) (*unwanted, error) {
	u := new(unwanted)
	var errs []error
	for _, text := range o.Suppress {
		s, err := finding.ParseSuppression(text)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		u.suppressions = append(u.suppressions, s)
	}
	errs = append(errs, u.read(o.SuppressFile), u.readBaseline(o))
	return u, errors.Join(errs...)
}

func (u *unwanted) read(name string) error {
	if name == "" {
		return nil
	}
	file, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("reading suppressions: %w", err)
	}
	defer file.Close()
	read, err := finding.ReadSuppressions(name, file)
	u.suppressions = append(u.suppressions, read...)
	return err
}

// readBaseline accepts that a baseline which is about to be written is not there yet.
func (u *unwanted) readBaseline(o *policy.Options) error {
	err := u.read(o.Baseline)
	if o.Baseline == o.WriteBaseline && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// has reports whether f is not wanted. It may read source files, so the caller holds
// no lock of ours.
func (u *unwanted) has(f *finding.Finding) bool {
	if _, suppressed := f.SuppressedBy(u.suppressions); suppressed {
		return true
	}
	_, ignored := f.IgnoredBy(u.directiveAt)
	return ignored
}

func (u *unwanted) directiveAt(frame finding.Frame) (finding.Directive, bool) {
	at := position{frame.File, frame.Line}
	known, met := u.directives.Load(at)
	if !met {
		known, _ = u.directives.LoadOrStore(at, readDirective(at))
	}
	d := known.(*finding.Directive)
	if d == nil {
		return finding.Directive{}, false
	}
	return *d, true
}

// readDirective returns nil where there is no directive, or no source: a program may
// run far from it.
func readDirective(at position) *finding.Directive {
	if !filepath.IsAbs(at.file) {
		return nil // built with -trimpath
	}
	file, err := os.Open(at.file)
	if err != nil {
		return nil
	}
	defer file.Close()
	d, found, err := finding.DirectiveAt(file, at.line)
	if err != nil || !found {
		return nil
	}
	return &d
}

// addToBaseline appends the finding's line to the file. Several processes may do so
// at once: each line is one write.
func addToBaseline(name string, f *finding.Finding) error {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(finding.WriteBaseline(file, time.Now(), *f), file.Close())
}
