package sentences

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// gatherVariable names a file to which Hold adds what it sees, in place of a check.
const gatherVariable = "CONCDOCTOR_GATHER_SENTENCES"

// Hold fails the test if a finding says a sentence that the file does not have.
func Hold(t testing.TB, findings ...finding.Finding) {
	t.Helper()
	if name := os.Getenv(gatherVariable); name != "" {
		gather(t, name, findings)
		return
	}
	held := read(t)
	for i := range findings {
		for _, line := range linesOf(&findings[i]) {
			if !held[line] {
				t.Errorf("a sentence that %s does not have; go test ./internal/sentences -update writes it:\n%s", fileName, line)
				held[line] = true // once
			}
		}
	}
}

// gather appends the lines to a file; several processes may do so at once.
func gather(t testing.TB, name string, findings []finding.Finding) {
	var b strings.Builder
	for i := range findings {
		for _, line := range linesOf(&findings[i]) {
			b.WriteString(line + "\n")
		}
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(b.String()); err != nil {
		t.Fatal(err)
	}
}

// kinds are the parts of a finding in the order of the file.
var kinds = [...]string{"verdict", "title", "detail", "fix", "state", "place", "evidence"}

var sentenceEnd = regexp.MustCompile(`([.!?]) +|\n`)

// linesOf returns what a finding says: "RULE | KIND | SENTENCE".
func linesOf(f *finding.Finding) (lines []string) {
	c := newCanonical(f)
	add := func(kind, text string) {
		if text = c.text(strings.TrimSpace(text)); text != "" {
			lines = append(lines, fmt.Sprintf("%s | %s | %s", f.Rule, kind, text))
		}
	}
	add("title", "("+f.Certainty.String()+") "+f.Title)
	for sentence := range strings.SplitSeq(sentenceEnd.ReplaceAllString(f.Detail, "$1\n"), "\n") {
		add("detail", sentence)
	}
	add("fix", f.Fix)
	for _, g := range f.Goroutines {
		add("state", g.State)
	}
	for _, p := range f.Places {
		add("place", p.Role)
	}
	for _, e := range f.Evidence {
		add("evidence", e.Text)
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

const fileName = "internal/sentences/testdata/sentences.txt"

// path returns the name of the file on this machine.
func path() string {
	_, source, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(source), "testdata", "sentences.txt")
}

// read returns the lines of the file in the form of linesOf.
func read(t testing.TB) map[string]bool {
	t.Helper()
	data, err := os.ReadFile(path())
	if err != nil {
		t.Fatal(err)
	}
	held := make(map[string]bool)
	rule, kind := "", ""
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "    "):
			held[rule+" | "+kind+" | "+line[4:]] = true
		case strings.HasPrefix(line, "  "):
			kind = line[2:]
		case line != "":
			rule = line
		}
	}
	return held
}

// format writes lines in the form of linesOf as the file has them, rule by rule.
func format(lines []string) string {
	by := make(map[string][]string)
	for _, line := range lines {
		head, text, _ := cutLine(line)
		by[head] = append(by[head], text)
	}
	var b strings.Builder
	for _, rule := range finding.Rules() {
		b.WriteString(string(rule.ID) + "\n")
		for _, kind := range kinds {
			texts := by[string(rule.ID)+" | "+kind]
			if len(texts) == 0 {
				continue
			}
			slices.Sort(texts)
			b.WriteString("  " + kind + "\n")
			for _, text := range slices.Compact(texts) {
				b.WriteString("    " + text + "\n")
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func cutLine(line string) (head, text string, ok bool) {
	parts := strings.SplitN(line, " | ", 3)
	if len(parts) != 3 {
		return "", "", false
	}
	return parts[0] + " | " + parts[1], parts[2], true
}

// verdicts returns what rules say of the program.
func verdicts() (lines []string) {
	for _, rule := range finding.Rules() {
		for c := finding.Suspected; c <= finding.Observed; c++ {
			lines = append(lines, fmt.Sprintf("%s | verdict | (%s) the program %s", rule.ID, c, rule.Verdict(c)))
		}
		lines = append(lines, fmt.Sprintf("%s | verdict | page: %s", rule.ID, rule.Title()))
	}
	return lines
}
