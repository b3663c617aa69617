package demo

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
)

func TestCatalogueIsWellFormed(t *testing.T) {
	seen := make(map[string]bool)
	for _, d := range Catalogue() {
		if seen[d.Name] {
			t.Errorf("two demos are called %s", d.Name)
		}
		seen[d.Name] = true
		if _, ok := finding.LookupRule(d.Expect.Rule); !ok {
			t.Errorf("%s expects %q, which is no rule", d.Name, d.Expect.Rule)
		}
		if d.Title == "" || d.Story == "" || d.Sick == nil || len(d.Twins) == 0 {
			t.Errorf("%s is incomplete", d.Name)
		}
		for _, twin := range d.Twins {
			if twin.Name == "" || twin.Run == nil {
				t.Errorf("%s has an incomplete twin %q", d.Name, twin.Name)
			}
		}
		for line := range strings.Lines(d.Story) {
			if len(line) > 79 { // with a newline, and the view indents by two
				t.Errorf("%s: the story's line %q is too long for a terminal", d.Name, line)
			}
		}
		if _, err := os.Stat(filepath.Join("..", filepath.FromSlash(d.Source))); err != nil {
			t.Errorf("%s: its source is not where it says: %v", d.Name, err)
		}
	}
}

func TestLookup(t *testing.T) {
	if d, ok := Lookup("bank-transfer"); !ok || d.Name != "bank-transfer" {
		t.Errorf("Lookup(bank-transfer) = %v, %t", d, ok)
	}
	if d, ok := Lookup("bank"); ok {
		t.Errorf("Lookup(bank) found %s", d.Name)
	}
}
