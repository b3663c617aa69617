package finding

import (
	"go/parser"
	"go/token"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var sections = []string{"What it means", "Wrong", "Right", "How sure", "How to fix", "How to silence"}

func TestRules(t *testing.T) {
	id := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	seen := make(map[RuleID]bool)
	for _, r := range Rules() {
		if !id.MatchString(string(r.ID)) || seen[r.ID] || r.Family == "" || r.Fix == "" {
			t.Errorf("rule %+v: bad or repeated id, no family or no fix", r)
		}
		seen[r.ID] = true
		if _, err := r.Severity.MarshalText(); err != nil {
			t.Errorf("rule %s: %v", r.ID, err)
		}
		for c := Suspected; c <= Observed; c++ {
			if r.Verdict(c) == "" {
				t.Errorf("rule %s: no verdict at %s", r.ID, c)
			}
		}
		if got, ok := LookupRule(r.ID); !ok || got != r {
			t.Errorf("LookupRule(%q) = %v, %v", r.ID, got, ok)
		}
	}
	if r, ok := LookupRule("no-such-rule"); ok {
		t.Errorf("LookupRule found %v", r)
	}
	Rules()[0].ID = "changed"
	if Rules()[0].ID == "changed" {
		t.Error("a caller of Rules can change the catalogue")
	}
}

func TestEveryPageHasARule(t *testing.T) {
	names, err := fs.Glob(pages, "rules/*")
	if err != nil || len(names) != len(Rules()) {
		t.Errorf("%d pages for %d rules (%v)", len(names), len(Rules()), err)
	}
	for _, name := range names {
		id := strings.TrimSuffix(strings.TrimPrefix(name, "rules/"), ".md")
		if _, ok := LookupRule(RuleID(id)); !ok {
			t.Errorf("%s is the page of no rule", name)
		}
	}
}

func TestPages(t *testing.T) {
	for _, r := range Rules() {
		t.Run(string(r.ID), func(t *testing.T) {
			page := r.Page()
			title, prefix := r.Title(), "# "+string(r.ID)+": "
			if title == "" || !strings.HasPrefix(page, prefix+title+"\n") {
				t.Errorf("first line is not %q and a title", prefix)
			}
			bodies := splitPage(page)
			var got []string
			for _, b := range bodies {
				got = append(got, b.heading)
				if len(strings.TrimSpace(b.text)) < 40 {
					t.Errorf("section %q says nothing", b.heading)
				}
			}
			if !slices.Equal(got, sections) {
				t.Fatalf("sections %q, want %q", got, sections)
			}
			mustParse(t, bodies[1])
			mustParse(t, bodies[2])
			if !strings.Contains(bodies[5].text, string(r.ID)+":") {
				t.Error("the last section does not show how to silence this rule")
			}
			if n := strings.Count(page, "\n"); n > 100 {
				t.Errorf("%d lines: nobody reads that at night", n)
			}
			for i, line := range strings.Split(page, "\n") {
				if len(line) > 100 {
					t.Errorf("line %d has %d bytes", i+1, len(line))
				}
			}
		})
	}
}

type section struct{ heading, text string }

// splitPage returns the sections of second level; code is not mistaken for a heading.
func splitPage(page string) []section {
	var all []section
	code := false
	for line := range strings.Lines(page) {
		code = code != strings.HasPrefix(line, "```")
		if heading, ok := strings.CutPrefix(line, "## "); ok && !code {
			all = append(all, section{heading: strings.TrimSpace(heading)})
			continue
		}
		if len(all) > 0 {
			all[len(all)-1].text += line
		}
	}
	return all
}

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// mustParse checks that the section has Go code, and that all of it is Go.
func mustParse(t *testing.T, s section) {
	t.Helper()
	blocks := goBlock.FindAllStringSubmatch(s.text, -1)
	if len(blocks) == 0 {
		t.Errorf("section %q has no Go code", s.heading)
	}
	for _, b := range blocks {
		src := b[1]
		if !strings.HasPrefix(src, "package ") {
			src = "package page\n" + src
		}
		if _, err := parser.ParseFile(token.NewFileSet(), s.heading, src, parser.AllErrors); err != nil {
			t.Errorf("section %q: %v", s.heading, err)
		}
	}
}
