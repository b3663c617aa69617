package finding

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/concdoctor/concdoctor/internal/untrusted"
)

// Suppression says which findings are not wanted: those that fit all of Rule, Func
// and Fingerprint, as far as they are given. The zero value fits nothing.
type Suppression struct {
	// Rule is the id of a rule, or "*" for any.
	Rule RuleID
	// Func is part of a function's name at any site of the finding (where something is
	// held, waited for, created, or a place): of the full name or of the short one that
	// reports show, as the compiler or as the source has it.
	Func string
	// Fingerprint is that of one diagnosis.
	Fingerprint string
	// Reason is why; it may be empty.
	Reason string
	// Where is the file and line that it stands at, "" if it is not from a file.
	Where string
}

// Pattern returns the text that ParseSuppression reads, without the reason.
func (s Suppression) Pattern() string {
	switch {
	case s.Fingerprint != "":
		return s.Fingerprint
	case s.Func != "":
		return string(s.Rule) + ":" + s.Func
	}
	return string(s.Rule)
}

// Matches reports whether the finding is not wanted.
func (s Suppression) Matches(f *Finding) bool {
	switch {
	case s.Fingerprint != "":
		print := f.Fingerprint
		if print == "" {
			print = f.ComputeFingerprint()
		}
		return s.Fingerprint == print
	case s.Rule == "":
		return false
	}
	return (s.Rule == anyRule || s.Rule == f.Rule) && (s.Func == "" || f.hasSite(s.Func))
}

const anyRule RuleID = "*"

var fingerprintPattern = regexp.MustCompile(fmt.Sprintf(`^[0-9a-f]{%d}$`, 2*fingerprintBytes))

// ParseSuppression reads a pattern: "RULE", "RULE:FUNC", "*:FUNC" or a fingerprint. Words
// after it are the reason. The error says what is wrong with it and names no source.
func ParseSuppression(text string) (Suppression, error) {
	pattern, reason, _ := strings.Cut(strings.TrimSpace(text), " ")
	s := Suppression{Reason: strings.TrimSpace(reason)}
	if fingerprintPattern.MatchString(pattern) {
		s.Fingerprint = pattern
		return s, nil
	}
	name, function, scoped := strings.Cut(pattern, ":")
	rule := RuleID(name)
	if _, known := LookupRule(rule); !known && rule != anyRule {
		return Suppression{}, fmt.Errorf("suppressing %s: no rule %s; concdoctor explain lists them", quoteStart(text), quoteStart(name))
	}
	if (scoped || rule == anyRule) && function == "" {
		return Suppression{}, fmt.Errorf("suppressing %s: no function after the colon; want RULE or RULE:FUNC", quoteStart(text))
	}
	s.Rule, s.Func = rule, function
	return s, nil
}

// maxQuoted is how much of a wrong pattern an error repeats.
const maxQuoted = 60

// quoteStart quotes a text, or its start if it is long.
func quoteStart(text string) string {
	if len(text) > maxQuoted {
		text = text[:maxQuoted] + "…"
	}
	return strconv.Quote(text)
}

const (
	// maxSuppressionBytes bounds what is read of a file: a line has some 100.
	maxSuppressionBytes = 4 << 20
	// maxWrongLines is how many wrong lines are named.
	maxWrongLines = 3
)

// errNoPatterns says that a file is something else.
var errNoPatterns = errors.New("this is binary data; want a file with a pattern a line: RULE, RULE:FUNC, *:FUNC or a fingerprint")

// ReadSuppressions reads a suppression file or a baseline, which are one format: a
// pattern a line with its reason after it; empty lines and those that begin with #
// are left out.
//
//	# what we know about and live with
//	lock-cycle:bank.(*Account).Move   callers sort the accounts
//	*:example.com/legacy/             not ours
//	3f0c2a9be4d1775a                  known since 2026-11-24: contention (observed): …
//
// All lines that can be read are returned; the error names the first of the others as
// name:line, and counts the rest. Binary data ends the reading.
func ReadSuppressions(name string, r io.Reader) ([]Suppression, error) {
	var all []Suppression
	var errs []error
	wrong := 0
	limited := &io.LimitedReader{R: r, N: maxSuppressionBytes}
	lines := bufio.NewScanner(limited)
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(strings.ReplaceAll(lines.Text(), "\t", " "))
		if text == "" || text[0] == '#' {
			continue
		}
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return all, errors.Join(append(errs, fmt.Errorf("%s:%d: %w", name, n, errNoPatterns))...)
		}
		s, err := ParseSuppression(text)
		if err != nil {
			if wrong++; wrong <= maxWrongLines {
				errs = append(errs, fmt.Errorf("%s:%d: %w", name, n, err))
			}
			continue
		}
		s.Where = fmt.Sprintf("%s:%d", name, n)
		all = append(all, s)
	}
	if more := wrong - maxWrongLines; more > 0 {
		errs = append(errs, fmt.Errorf("%s: %s cannot be read either", name, Plural(more, "more line")))
	}
	err := lines.Err()
	if err == nil && limited.N == 0 {
		err = fmt.Errorf("it is larger than %d MB, and read to there only", maxSuppressionBytes>>20)
	}
	if err != nil {
		errs = append(errs, fmt.Errorf("reading suppressions: %s: %w", name, err))
	}
	return all, errors.Join(errs...)
}

// WriteBaseline writes the line of a baseline for each finding: ReadSuppressions
// reads them back as what is known at that date.
func WriteBaseline(w io.Writer, date time.Time, findings ...Finding) error {
	for i := range findings {
		f := &findings[i]
		print := f.Fingerprint
		if print == "" {
			print = f.ComputeFingerprint()
		}
		line := fmt.Sprintf("%s  known since %s: %s\n", print, date.Format(time.DateOnly), strings.Join(strings.Fields(untrusted.Line(f.Headline())), " "))
		if _, err := io.WriteString(w, line); err != nil {
			return fmt.Errorf("writing baseline: %w", err)
		}
	}
	return nil
}

// SuppressedBy returns the first of the suppressions that the finding matches, and
// whether there is one.
func (f *Finding) SuppressedBy(all []Suppression) (Suppression, bool) {
	for _, s := range all {
		if s.Matches(f) {
			return s, true
		}
	}
	return Suppression{}, false
}

func (f *Finding) hasSite(function string) bool {
	for _, s := range f.sites() {
		if strings.Contains(s.frame.Func, function) || strings.Contains(s.frame.Function(), function) || strings.Contains(s.frame.ShortFunc(), function) {
			return true
		}
	}
	return false
}

// site is a frame at fault with the part that it plays.
type site struct {
	role  string
	frame Frame
}

// sites returns every known frame at fault, in the finding's own order.
func (f *Finding) sites() []site {
	var all []site
	add := func(role string, frame Frame) {
		if !frame.IsZero() {
			all = append(all, site{role, frame})
		}
	}
	for _, g := range f.Goroutines {
		if g.Beside {
			continue
		}
		if accessRules[f.Rule] {
			add("goroutine", g.Stack.User())
			continue
		}
		for _, h := range g.Holds {
			add("holds", h.Stack.Site())
		}
		if g.Wait != nil {
			add("waits", g.Wait.Stack.Site())
		}
		if g.Wait == nil && len(g.Holds) == 0 {
			add("goroutine", g.Stack.User())
		}
	}
	for _, p := range f.Places {
		add(p.Role, p.Stack.Site())
	}
	return all
}
