package lockset

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// TestWaitsAlone reads its cases from testdata: a line that ends with "alone" or "not alone".
func TestWaitsAlone(t *testing.T) {
	file, err := filepath.Abs("testdata/alone.go")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s, function, tried := New(nil), "", 0
	for i, line := range strings.Split(string(text), "\n") {
		if name, is := strings.CutPrefix(line, "func "); is {
			function, _, _ = strings.Cut(name, "(")
		}
		_, want, is := strings.Cut(line, "// wait: ")
		if !is {
			continue
		}
		tried++
		frame := finding.Frame{Func: "example.com/alone." + function, File: file, Line: i + 1}
		if got := s.WaitsAlone(frame); got != (want == "alone") {
			t.Errorf("line %d, %s: %v", i+1, strings.TrimSpace(line), got)
		}
	}
	if tried != 13 {
		t.Errorf("%d cases were read", tried)
	}
}
