package main

import (
	"fmt"
	"io"
	"strings"
)

// table is what all trials showed, by shape and form.
type table struct {
	forms  []form
	shapes []shape
	ill    map[string]verdict
	twins  map[string]verdict
}

func (t *table) key(s *shape, f *form) string { return s.name + " " + f.name }

func (v *verdict) String() string {
	text := ""
	switch v.worth {
	case outside:
		text = "–"
	case missed:
		text = "missed"
	case listed:
		text = "facts"
	case weaker:
		text = fmt.Sprintf("weaker: %s, %s (%s)", v.rule, v.certainty, strings.Join(v.lacks, ", "))
	case right:
		text = "✓ facts"
		if v.rule == "" {
			break
		}
		text = fmt.Sprintf("✓ %s, %s", v.rule, v.certainty)
	case silent:
		text = "silent"
	case untrue:
		text = "FALSE " + v.named()
	case broken:
		text = "broken: " + strings.TrimSpace(strings.SplitN(v.err.Error(), "\n", 2)[0])
	}
	if v.lost {
		text += ", though said live"
	}
	if v.endless {
		text += ", endless"
	}
	if len(v.others) > 0 {
		text += "; other: " + strings.Join(v.others, "; ")
	}
	return strings.ReplaceAll(text, "|", `\|`)
}

// named is the rule of a verdict with its certainty; a line that was said live has none.
func (v *verdict) named() string {
	if v.certainty == 0 {
		return string(v.rule)
	}
	return fmt.Sprintf("%s, %s", v.rule, v.certainty)
}

// wrong counts the trials that are not as they should be.
func (t *table) wrong() (n int) {
	for _, v := range t.ill {
		if v.worth != right && v.worth != outside || v.endless || len(v.others) > 0 {
			n++
		}
	}
	for _, v := range t.twins {
		if v.worth != silent {
			n++
		}
	}
	return n
}

// write writes the totals and the rows as Markdown.
func (t *table) write(w io.Writer) {
	fmt.Fprintf(w, "| form | how | ✓ | weaker | facts | missed | – | broken | besides | all lines listed as blocked | healthy: silent | FALSE |\n| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |\n")
	for i := range t.forms {
		f := &t.forms[i]
		var ill, twins [broken + 1]int
		facts, besides := 0, 0
		for j := range t.shapes {
			k := t.key(&t.shapes[j], f)
			if v, tried := t.ill[k]; tried {
				ill[v.worth]++
				if v.facts {
					facts++
				}
				if len(v.others) > 0 {
					besides++
				}
			}
			if v, tried := t.twins[k]; tried {
				twins[v.worth]++
			}
		}
		fmt.Fprintf(w, "| %s | %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d |\n", f.name, f.about,
			ill[right], ill[weaker], ill[listed], ill[missed], ill[outside], ill[broken]+twins[broken], besides, facts, twins[silent], twins[untrue])
	}
	t.writeRows(w)
	t.writeTwins(w)
}

func (t *table) writeRows(w io.Writer) {
	fmt.Fprint(w, "\n| shape |")
	for i := range t.forms {
		fmt.Fprintf(w, " %s |", t.forms[i].name)
	}
	fmt.Fprintf(w, "\n| --- |%s\n", strings.Repeat(" --- |", len(t.forms)))
	for j := range t.shapes {
		s := &t.shapes[j]
		fmt.Fprintf(w, "| %s |", s.name)
		for i := range t.forms {
			text := ""
			if v, tried := t.ill[t.key(s, &t.forms[i])]; tried {
				text = v.String()
			}
			fmt.Fprintf(w, " %s |", text)
		}
		fmt.Fprintln(w)
	}
}

// writeTwins writes the healthy programs of which something was said.
func (t *table) writeTwins(w io.Writer) {
	fmt.Fprintln(w)
	for j := range t.shapes {
		for i := range t.forms {
			s, f := &t.shapes[j], &t.forms[i]
			if v := t.twins[t.key(s, f)]; v.worth == untrue || v.worth == broken {
				fmt.Fprintf(w, "- %s%s, %s: %s\n", s.name, healthySuffix, f.name, v.String())
			}
		}
	}
}
