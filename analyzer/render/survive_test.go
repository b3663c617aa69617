package render

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// mutant changes some of the leaves of a decoded report, which a fuzzer that works on
// its bytes hardly ever does without breaking the rest.
type mutant struct {
	*rand.Rand
	every int
}

var extremes = []any{0.0, -1.0, 1.0, 1e300, -1e300, 9223372036854775807.0, -9223372036854775808.0, 0.5}

func (m mutant) change(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if m.IntN(4*m.every) == 0 {
				delete(v, key)
			} else {
				v[key] = m.change(value)
			}
		}
	case []any:
		for i := range v {
			v[i] = m.change(v[i])
		}
		if m.IntN(m.every) == 0 {
			return v[:m.IntN(len(v)+1)]
		}
		if m.IntN(m.every) == 0 {
			return append(v, v...)
		}
	case string:
		if m.IntN(m.every) == 0 {
			return []string{"", "<&\"'>", "\x00\n\u2028", "mutex", "waits here"}[m.IntN(5)]
		}
	case float64:
		if m.IntN(m.every) == 0 {
			return extremes[m.IntN(len(extremes))]
		}
	}
	return v
}

// TestWriteSurvives: whatever Read accepts is written in every form without an error.
func TestWriteSurvives(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	accepted := 0
	for _, name := range []string{"full.json", "hostile.json"} {
		seed, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		for range 60 {
			var tree any
			if err := json.Unmarshal(seed, &tree); err != nil {
				t.Fatal(err)
			}
			data, err := json.Marshal(mutant{r, 100 + r.IntN(3000)}.change(tree))
			if err != nil {
				t.Fatal(err)
			}
			rep, err := finding.Read(bytes.NewReader(data))
			if err != nil {
				continue
			}
			accepted++
			survives(t, rep)
		}
	}
	if accepted < 30 {
		t.Errorf("only %d reports were read: the test tells little", accepted)
	}
}

func survives(t *testing.T, rep *finding.Report) {
	t.Helper()
	for _, format := range Formats() {
		for _, opts := range []Options{{}, {Color: true, Charts: BlockCharts, Top: -1, SourceRoot: "/src"}, {Charts: ASCIICharts, Top: 1}} {
			opts.Format = format
			if err := Write(io.Discard, rep, opts); err != nil {
				t.Fatalf("%s: %v", format, err)
			}
		}
	}
}
