package sarif

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer/render/internal/repo"
)

const (
	schemaURI = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	version   = "2.1.0"
	// FingerprintKey names our fingerprint and its version, after the standard's
	// advice for such keys.
	FingerprintKey = "concdoctor/v1"
	rootBase       = "%SRCROOT%"
	home           = "https://github.com/concdoctor/concdoctor"
)

// Write writes the report. Files below root are named relative to it; the zero root
// leaves all names absolute.
func Write(w io.Writer, rep *finding.Report, root repo.Root) error {
	c := converter{root: root, ruleAt: make(map[finding.RuleID]int)}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(log{Schema: schemaURI, Version: version, Runs: []run{c.run(rep)}}); err != nil {
		return fmt.Errorf("writing report: %w", err)
	}
	return nil
}

// converter turns one report into a run.
type converter struct {
	root   repo.Root
	rules  []rule
	ruleAt map[finding.RuleID]int
}

func (c *converter) run(rep *finding.Report) run {
	results := make([]result, 0, len(rep.Findings)+len(rep.Suppressed))
	for i := range rep.Findings {
		r := c.result(&rep.Findings[i])
		if len(rep.Suppressed) > 0 {
			r.Suppressions = &[]suppression{}
		}
		results = append(results, r)
	}
	for i := range rep.Suppressed {
		s := &rep.Suppressed[i]
		r := c.result(&s.Finding)
		kind := "external"
		if s.InSource {
			kind = "inSource"
		}
		r.Suppressions = &[]suppression{{Kind: kind, Status: "accepted", Justification: "suppressed by " + s.By}}
		results = append(results, r)
	}
	out := run{
		Tool:              tool{driver{Name: "concdoctor", Version: strings.TrimPrefix(rep.Tool.Version, "v"), InformationURI: home, Rules: c.rules}},
		AutomationDetails: automationDetails{ID: "concdoctor/"},
		Invocations:       []invocation{{ExecutionSuccessful: true, ToolExecutionNotifications: notifications(rep)}},
		Results:           results,
		ColumnKind:        "utf16CodeUnits",
	}
	if out.Tool.Driver.Rules == nil {
		out.Tool.Driver.Rules = []rule{}
	}
	if !c.root.IsZero() {
		out.OriginalURIBaseIDs = map[string]artifactLocation{rootBase: {URI: c.root.URI()}}
	}
	return out
}

func notifications(rep *finding.Report) []notification {
	var all []notification
	for _, caveat := range rep.Warnings {
		text := caveat.Text
		if caveat.Input != "" {
			text = caveat.Input + ": " + text
		}
		all = append(all, notification{Level: "warning", Message: plain(text)})
	}
	return append(all, blocked(rep)...)
}

// blocked has a note for each process in which goroutines were blocked, with one line a
// group: facts are no results.
func blocked(rep *finding.Report) []notification {
	var all []notification
	for i := range rep.Blocked {
		p := &rep.Blocked[i]
		text := p.Headline()
		for j := range p.Groups {
			text += "\n" + p.Groups[j].Head() + " at " + p.Groups[j].Stack.User().String()
		}
		all = append(all, notification{Level: "note", Message: plain(text)})
	}
	return all
}

func (c *converter) result(f *finding.Finding) result {
	return result{
		RuleID:              string(f.Rule),
		RuleIndex:           c.rule(f.Rule),
		Level:               level(f.Severity),
		Message:             plain(sentences(f)),
		Locations:           c.primary(f),
		RelatedLocations:    c.related(f),
		CodeFlows:           c.flows(f),
		Stacks:              c.stacks(f),
		PartialFingerprints: map[string]string{FingerprintKey: f.Fingerprint},
		OccurrenceCount:     f.Count,
		Properties:          propertiesOf(f),
	}
}

// sentences are what is shown beside the line: what is wrong, and what to do.
func sentences(f *finding.Finding) string {
	text := f.Title + " (" + f.Certainty.String() + ")."
	if f.Detail != "" {
		text += " " + strings.TrimSuffix(f.Detail, ".") + "."
	}
	if f.Fix != "" {
		text += "\nFix: " + f.Fix
	}
	return text
}

func propertiesOf(f *finding.Finding) properties {
	p := properties{Certainty: f.Certainty.String(), Fix: f.Fix}
	if len(f.Measures) > 0 {
		p.Measures = make(map[string]string, len(f.Measures))
	}
	for _, m := range f.Measures {
		p.Measures[m.Name] = m.Text()
	}
	for _, e := range f.Evidence {
		p.Evidence = append(p.Evidence, e.Text+" ("+e.Source+")")
	}
	for _, s := range f.Seen {
		p.SeenIn = append(p.SeenIn, s.String())
	}
	return p
}

func level(s finding.Severity) string {
	switch s {
	case finding.Error:
		return "error"
	case finding.Warning:
		return "warning"
	}
	return "note"
}

// plain is a message whose text no reader takes for one with links in it (section
// 3.11.6 of the standard): "F[int](x)" would be one.
func plain(text string) message {
	return message{Text: strings.ReplaceAll(text, "](", `\](`)}
}

// rule returns the index of the rule's description, which it adds the first time. A
// rule that this version does not know is described as such.
func (c *converter) rule(id finding.RuleID) int {
	if i, known := c.ruleAt[id]; known {
		return i
	}
	later := message{Text: "A rule of another version of concdoctor: " + string(id)}
	described := rule{ID: string(id), ShortDescription: &later, FullDescription: &later, Help: &later} // code hosts want all three
	if r, known := finding.LookupRule(id); known {
		title := upper(r.Title())
		described = rule{
			ID:                   string(id),
			ShortDescription:     &message{Text: title},
			FullDescription:      &message{Text: meaning(r.Page(), title)},
			Help:                 &message{Text: r.Page(), Markdown: r.Page()},
			DefaultConfiguration: &configuration{level(r.Severity)},
			Properties:           map[string]any{"tags": []string{"concurrency", string(r.Family)}},
		}
	}
	c.ruleAt[id] = len(c.rules)
	c.rules = append(c.rules, described)
	return c.ruleAt[id]
}

// meaning is the first paragraph of a page's section "What it means".
func meaning(page, otherwise string) string {
	_, rest, found := strings.Cut(page, "\n## What it means\n")
	paragraph, _, _ := strings.Cut(strings.TrimSpace(rest), "\n\n")
	if !found || paragraph == "" {
		return otherwise
	}
	return strings.ReplaceAll(paragraph, "\n", " ")
}

func upper(s string) string {
	_, first := utf8.DecodeRuneInString(s)
	return strings.ToUpper(s[:first]) + s[first:]
}
