package concdoctor_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/demo"
)

// landing is the limit on the README's size: nobody reads what is longer.
const landing = 6 << 10

func TestReadmeIsALandingPage(t *testing.T) {
	if size := len(readDocument(t, "README.md")); size > landing {
		t.Errorf("the README has %d bytes, want at most %d: the rest belongs to docs", size, landing)
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	symbols = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors returns the names by which GitHub links to the headings of a document.
func anchors(text string) (names []string) {
	for _, h := range heading.FindAllStringSubmatch(text, -1) {
		name := symbols.ReplaceAllString(strings.ToLower(h[1]), "")
		names = append(names, strings.ReplaceAll(name, " ", "-"))
	}
	return names
}

// TestLinks holds that each link to a file of the repository leads to a file, and to a
// heading if it names one.
func TestLinks(t *testing.T) {
	pages, err := filepath.Glob("agent/finding/rules/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, doc := range append(documents(t), pages...) {
		text := code.ReplaceAllString(readDocument(t, doc), "") // agent.MakeChan[T](n) is no link
		for _, l := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(l[1], "://") {
				continue
			}
			file, anchor, _ := strings.Cut(l[1], "#")
			target := doc
			if file != "" {
				target = filepath.Join(filepath.Dir(doc), filepath.FromSlash(file))
			}
			text, err := os.ReadFile(target)
			if err != nil {
				t.Errorf("%s: the link %s: %v", doc, l[1], err)
			} else if anchor != "" && !slices.Contains(anchors(string(text)), anchor) {
				t.Errorf("%s: the link %s: there is no such heading", doc, l[1])
			}
		}
	}
}

// TestWhole holds that no document has the marks of a merge.
func TestWhole(t *testing.T) {
	marks := regexp.MustCompile(`(?m)^(<<<<<<<|>>>>>>>) .*$`)
	for _, doc := range documents(t) {
		for _, mark := range marks.FindAllString(readDocument(t, doc), -1) {
			t.Errorf("%s: %s", doc, mark)
		}
	}
}

// TestIndex holds that docs/README.md links to every document.
func TestIndex(t *testing.T) {
	index := readDocument(t, "docs/README.md")
	for _, doc := range documents(t) {
		name, inDocs := strings.CutPrefix(doc, "docs/")
		if inDocs && name != "README.md" && !strings.Contains(index, "]("+name+")") {
			t.Errorf("docs/README.md does not link to %s", name)
		}
	}
}

var (
	helpCommand = regexp.MustCompile(`(?m)^  ([a-z]+)  +\S`)
	helpFlag    = regexp.MustCompile(`(?m)^ +(?:-[a-z], )?--([a-z-]+)`)
	code        = regexp.MustCompile("`[^`\n]+`")
	docFlag     = regexp.MustCompile("(?:^|[\\s`(])--([a-z][a-z-]*)")
	ourCommand  = regexp.MustCompile(`\bconcdoctor ([a-z]+)((?: [^|;&#\n]*)?)`)
)

// helpFlags returns the flags of each command as its help lists them.
func helpFlags(t *testing.T) map[string][]string {
	t.Helper()
	help := func(args ...string) string {
		out, err := exec.CommandContext(t.Context(), filepath.Join(installed(t).bin, "concdoctor"), args...).CombinedOutput()
		if err != nil {
			t.Fatalf("concdoctor %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	flags := make(map[string][]string)
	for _, c := range helpCommand.FindAllStringSubmatch(help("help"), -1) {
		flags[c[1]] = []string{"help"}
		for _, f := range helpFlag.FindAllStringSubmatch(help("help", c[1]), -1) {
			flags[c[1]] = append(flags[c[1]], f[1])
		}
	}
	return flags
}

// TestFlags holds that each flag which a document names is in the help, and in that of
// the command with which it stands.
func TestFlags(t *testing.T) {
	flags := helpFlags(t)
	known := make(map[string]bool)
	for _, all := range flags {
		for _, f := range all {
			known[f] = true
		}
	}
	for _, doc := range documents(t) {
		text := readDocument(t, doc)
		for _, f := range docFlag.FindAllStringSubmatch(text, -1) {
			if !known[f[1]] {
				t.Errorf("%s: no command has a flag --%s", doc, f[1])
			}
		}
		for _, c := range ourCommand.FindAllStringSubmatch(commandText(t, doc), -1) {
			if flags[c[1]] == nil {
				t.Errorf("%s: concdoctor has no command %s", doc, c[1])
				continue
			}
			for _, f := range docFlag.FindAllStringSubmatch(c[2], -1) {
				if !slices.Contains(flags[c[1]], f[1]) {
					t.Errorf("%s: concdoctor %s has no flag --%s", doc, c[1], f[1])
				}
			}
		}
	}
}

// commandText returns what of a document can be command lines: the blocks of commands,
// workflows, and code in a line that begins with the command's name.
func commandText(t *testing.T, doc string) string {
	t.Helper()
	var lines []string
	for _, b := range blocks(t, doc) {
		if b.language == "sh" || b.language == "yaml" {
			lines = append(lines, b.text)
		}
	}
	for _, span := range spans(readDocument(t, doc)) {
		if strings.HasPrefix(span, "concdoctor ") {
			lines = append(lines, span)
		}
	}
	return strings.Join(lines, "\n")
}

// spans returns the code that stands in the lines of a text.
func spans(text string) (all []string) {
	for line := range strings.Lines(text) {
		for i, part := range strings.Split(line, "`") {
			if i%2 == 1 {
				all = append(all, part)
			}
		}
	}
	return all
}

// otherNames look like names of rules and are none.
var otherNames = []string{"c-archive", "c-shared"}

var ruleName = regexp.MustCompile("`([a-z]+(?:-[a-z]+)+)`")

// TestRules holds that each rule which a document names is one, and that the list in
// reading-a-report.md is complete; each rule's page is tested beside the rules.
func TestRules(t *testing.T) {
	for _, doc := range documents(t) {
		for _, name := range ruleName.FindAllStringSubmatch(readDocument(t, doc), -1) {
			_, isRule := finding.LookupRule(finding.RuleID(name[1]))
			_, isDemo := demo.Lookup(name[1])
			if !isRule && !isDemo && !slices.Contains(otherNames, name[1]) {
				t.Errorf("%s: %s is the name of no rule", doc, name[1])
			}
		}
	}
	list := readDocument(t, "docs/reading-a-report.md")
	for _, rule := range finding.Rules() {
		if !strings.Contains(list, "](../agent/finding/rules/"+string(rule.ID)+".md)") {
			t.Errorf("docs/reading-a-report.md does not list %s", rule.ID)
		}
	}
}
