package finding

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Directive is a comment in Go source that says that findings at its line are not
// wanted, and why:
//
//	b.mu.Lock() //concdoctor:ignore lock-cycle accounts are sorted by the caller
//
// It stands at the end of the line that takes the lock (or otherwise is at fault), or
// alone on the line before. Several rules are separated by commas.
type Directive struct {
	Rules  []RuleID
	Reason string
	// Line is its own line, 1-based.
	Line int
}

const directivePrefix = "//concdoctor:ignore"

// DirectiveAt reads Go source and returns the directive for a line, and whether
// there is one. What stands in a string or a longer comment is not distinguished from the
// real one. Source that was changed since the program was built has other lines.
func DirectiveAt(source io.Reader, line int) (Directive, bool, error) {
	var before, at string
	lines := bufio.NewScanner(source)
	for n := 1; n <= line; n++ {
		if !lines.Scan() {
			return Directive{}, false, lines.Err()
		}
		before, at = at, lines.Text()
	}
	if i := strings.Index(at, directivePrefix); i >= 0 {
		return parseDirective(at[i:], line)
	}
	if text := strings.TrimSpace(before); strings.HasPrefix(text, directivePrefix) {
		return parseDirective(text, line-1)
	}
	return Directive{}, false, nil
}

func parseDirective(text string, line int) (Directive, bool, error) {
	text = strings.TrimPrefix(text, directivePrefix)
	if text != "" && text[0] != ' ' && text[0] != '\t' {
		return Directive{}, false, nil // another word
	}
	fields := strings.Fields(text)
	if len(fields) == 0 {
		return Directive{Line: line}, true, nil
	}
	d := Directive{Reason: strings.Join(fields[1:], " "), Line: line}
	for name := range strings.SplitSeq(fields[0], ",") {
		d.Rules = append(d.Rules, RuleID(name))
	}
	return d, true, nil
}

// check returns what keeps the directive from being in force.
func (d *Directive) check() error {
	if len(d.Rules) == 0 {
		return errors.New("it names no rule")
	}
	for _, rule := range d.Rules {
		if _, known := LookupRule(rule); !known {
			return fmt.Errorf("unknown rule %q", rule)
		}
	}
	if d.Reason == "" {
		return errors.New("it gives no reason")
	}
	return nil
}

// IgnoredBy asks for the directives at all lines at fault and returns one that says
// that the finding is not wanted, as a suppression, and whether there is one. A
// directive that is not in force, since it has no reason or names no known rule,
// becomes evidence of the finding. at is called with frames that have a file and a
// line.
func (f *Finding) IgnoredBy(at func(Frame) (Directive, bool)) (Suppression, bool) {
	var bad []Evidence
	for _, s := range f.sites() {
		if s.frame.File == "" || s.frame.Line == 0 {
			continue
		}
		d, found := at(s.frame)
		if !found {
			continue
		}
		where := Frame{File: s.frame.File, Line: d.Line}.Position()
		if err := d.check(); err != nil {
			bad = append(bad, Evidence{Source: where, Text: "the comment " + directivePrefix + " is not in force: " + err.Error()})
			continue
		}
		if slices.Contains(d.Rules, f.Rule) {
			return Suppression{Rule: f.Rule, Reason: d.Reason, Where: where}, true
		}
	}
	for _, e := range bad {
		if !slices.Contains(f.Evidence, e) {
			f.Evidence = append(f.Evidence, e)
		}
	}
	return Suppression{}, false
}
