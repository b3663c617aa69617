package render

import (
	"bufio"
	"os"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer/render/internal/repo"
)

const (
	// maxSourceBytes keeps generated giants out of memory.
	maxSourceBytes = 8 << 20
	// maxSourceColumns cuts lines that would fill the screen.
	maxSourceColumns = 90
)

// SourceLines returns a function for Options.Source that reads Go files from the
// disk, each once. It reads nothing but .go files, since a report from elsewhere
// may name any. The function is not for concurrent use. If the file has changed
// since the program was built, the line shown is today's. Files of a build with
// -trimpath are looked for in the repository at root, "" for none.
func SourceLines(root string) func(finding.Frame) string {
	files, home := make(map[string][]string), repo.NewRoot(root)
	return func(f finding.Frame) string {
		lines, seen := files[f.File]
		if !seen {
			lines = readLines(home.Path(f.File))
			files[f.File] = lines
		}
		if f.Line < 1 || f.Line > len(lines) {
			return ""
		}
		return cut(strings.TrimSpace(lines[f.Line-1]), maxSourceColumns)
	}
}

// readLines returns nil for whatever is not a readable Go file: source is a help,
// its absence no error.
func readLines(name string) []string {
	if !strings.HasSuffix(name, ".go") {
		return nil
	}
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxSourceBytes {
		return nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer f.Close()
	var lines []string
	s := bufio.NewScanner(f)
	s.Buffer(nil, maxSourceBytes)
	for s.Scan() {
		lines = append(lines, s.Text())
	}
	return lines
}

// cut shortens s to n runes.
func cut(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return string(runes[:n-1]) + "…"
}
