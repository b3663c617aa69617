package finding

import (
	"cmp"
	"slices"
	"strings"
)

// tellApart appends to titles that several findings of one rule share what differs: the
// names of their resources, or else a function at fault that the others do not have. It
// changes nothing where titles differ already.
func tellApart(findings []Finding) {
	type heading struct {
		rule  RuleID
		title string
	}
	groups := make(map[heading][]*Finding)
	for i := range findings {
		f := &findings[i]
		h := heading{f.Rule, f.Title}
		groups[h] = append(groups[h], f)
	}
	for _, group := range groups {
		if len(group) < 2 {
			continue
		}
		names, sites := distinct(group, (*Finding).resourceNames), distinct(group, (*Finding).siteNames)
		for i, f := range group {
			if text := cmp.Or(names[i], sites[i]); text != "" {
				f.Title += " (" + text + ")"
			}
		}
	}
}

// distinct returns for each of the findings the first of its texts that no other one has,
// "" if there is none.
func distinct(group []*Finding, texts func(*Finding) []string) []string {
	count := make(map[string]int)
	for _, f := range group {
		all := texts(f)
		slices.Sort(all)
		for _, text := range slices.Compact(all) {
			count[text]++
		}
	}
	own := make([]string, len(group))
	for i, f := range group {
		all := texts(f)
		if at := slices.IndexFunc(all, func(text string) bool { return count[text] == 1 }); at >= 0 {
			own[i] = all[at]
		}
	}
	return own
}

// resourceNames returns the names of all resources as one text.
func (f *Finding) resourceNames() []string {
	var names []string
	for _, r := range f.Resources {
		if r.Name != "" {
			names = append(names, r.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []string{strings.Join(names, ", ")}
}

// siteNames returns the functions at fault with the parts that they play.
func (f *Finding) siteNames() []string {
	parts := map[string]string{"holds": "held in ", "waits": "waited for in ", "goroutine": "in "}
	var names []string
	for _, s := range f.sites() {
		part, known := parts[s.role]
		if !known {
			part = s.role + ": "
		}
		names = append(names, part+s.frame.String())
	}
	return names
}
