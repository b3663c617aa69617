package main

import (
	"os"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/analyzer"
)

// TestFormatsAreListed holds that the help and the page about analyze list the formats of
// the table, in its order and words.
func TestFormatsAreListed(t *testing.T) {
	page, err := os.ReadFile("../../docs/analyze.md")
	if err != nil {
		t.Fatal(err)
	}
	var inHelp, onPage strings.Builder
	for _, f := range analyzer.Formats(formats()...) {
		inHelp.WriteString("  " + f.Help + "\n")
		onPage.WriteString("- " + f.Help + "\n")
	}
	if !strings.Contains(analyzeCommand().long, inHelp.String()) {
		t.Errorf("the help does not list\n%s", &inHelp)
	}
	if !strings.Contains(string(page), onPage.String()) {
		t.Errorf("docs/analyze.md does not list\n%s", &onPage)
	}
}
