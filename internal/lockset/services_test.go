package lockset

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
)

var (
	method  = regexp.MustCompile(`^func \(\w+ (\*\w+)\) (\w+)\(`)
	service = regexp.MustCompile(`// services: (\w+)`)
)

// TestServicesOf reads its cases from testdata: lines that name the method which does the other
// side, or say that it is not known.
func TestServicesOf(t *testing.T) {
	file, err := filepath.Abs("testdata/services.go")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	starts := make(map[string]finding.Frame)
	for i, line := range lines {
		if m := method.FindStringSubmatch(line); m != nil {
			starts[m[2]] = finding.Frame{Func: "example.com/services.(" + m[1] + ")." + m[2], File: file, Line: i + 1}
		}
	}
	s, function, tried := New(nil), "", 0
	for i, line := range lines {
		if m := method.FindStringSubmatch(line); m != nil {
			function = starts[m[2]].Func
		}
		m := service.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		tried++
		op := Receive
		if !strings.Contains(line, "<-c.") && !strings.Contains(line, "<-h.") {
			op = Send
		}
		services, known := s.ServicesOf(Point{Frame: finding.Frame{Func: function, File: file, Line: i + 1}, Op: op})
		if known != (m[1] != "unknown") {
			t.Errorf("line %d, %s: known %v", i+1, strings.TrimSpace(line), known)
			continue
		}
		for name, start := range starts {
			if known && services.Has(start, finding.Frame{}) != (name == m[1]) {
				t.Errorf("line %d, %s: %s runs it: %v", i+1, strings.TrimSpace(line), name, services.Has(start, finding.Frame{}))
			}
		}
	}
	services, _ := s.ServicesOf(Point{Frame: finding.Frame{Func: starts["do"].Func, File: file, Line: lineOf(lines, "// services: loop")}, Op: Send})
	if !services.Has(finding.Frame{}, finding.Frame{File: file, Line: lineOf(lines, "go h.loop()")}) {
		t.Error("the go statement is not known")
	}
	if tried != 7 {
		t.Errorf("%d cases were read", tried)
	}
}

// lineOf returns the number of the line that has the text.
func lineOf(lines []string, text string) int {
	for i, line := range lines {
		if strings.Contains(line, text) {
			return i + 1
		}
	}
	return 0
}
