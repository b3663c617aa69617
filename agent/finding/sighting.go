package finding

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Sighting is one program or test in which a finding showed.
type Sighting struct {
	// Program is the import path of a command or of a tested package, or the name of a
	// binary; it may be empty.
	Program string `json:"program,omitempty"`
	// Test is the name of a test, benchmark or fuzz function, TestMain, or "init of" a
	// package whose initialization it showed in; "" for none.
	Test string `json:"test,omitempty"`
	// Count is in how many runs of it the finding showed.
	Count int64 `json:"count"`
}

// String returns "TestMove (example.com/bank)".
func (s Sighting) String() string {
	switch {
	case s.Test == "":
		return s.Program
	case s.Program == "":
		return s.Test
	}
	return s.Test + " (" + s.Program + ")"
}

// MaxSeen bounds the sightings of a finding: those that came first are kept.
const MaxSeen = 32

// AddSeen adds sightings to those of the finding; the counts of equal ones add up.
func (f *Finding) AddSeen(more ...Sighting) {
	seen := slices.Clone(f.Seen)
	for _, m := range more {
		i := slices.IndexFunc(seen, func(s Sighting) bool { return s.Program == m.Program && s.Test == m.Test })
		switch {
		case i >= 0:
			seen[i].Count += m.Count
		case len(seen) < MaxSeen:
			seen = append(seen, m)
		}
	}
	slices.SortStableFunc(seen, func(a, b Sighting) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Program, b.Program), cmp.Compare(a.Test, b.Test))
	})
	f.Seen = seen
}

// shownSeen is how many sightings a text names before it counts the rest.
const shownSeen = 3

// SeenText says in words where the finding showed, "" if that is not known.
func (f *Finding) SeenText() string {
	var names []string
	for _, s := range f.Seen {
		if text := s.String(); text != "" {
			names = append(names, text)
		}
	}
	if n := len(names) - shownSeen; n > 0 {
		names = append(names[:shownSeen], fmt.Sprintf("%d more", n))
	}
	return strings.Join(names, ", ")
}

// Repeats says how often the finding was seen, as in "seen 3 times", and "" where once or
// where that means nothing: goroutines that hang are seen again by each look at them.
func (f *Finding) Repeats() string {
	rule, _ := LookupRule(f.Rule)
	if f.Count < 2 || rule.Family == FamilyDeadlock || rule.Family == FamilyLeak {
		return ""
	}
	return "seen " + Times(f.Count)
}
