package sentences

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer"
)

var update = flag.Bool("update", false, "write the file of sentences anew, by the tests of all packages that have any")

// packages call Hold, beside this one.
var packages = []string{
	"./internal/dump/diagnosis", "./internal/lockwarn", "./internal/racelog", "./internal/profile",
	"./internal/zerotouch/verdict", "./internal/detect", "./internal/judge/race",
}

func TestMain(m *testing.M) {
	flag.Parse()
	if *update {
		if err := rewrite(); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// rewrite runs all tests that hold sentences, and writes the file from what they say.
func rewrite() error {
	dir, err := os.MkdirTemp("", "sentences")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	gathered := filepath.Join(dir, "lines")
	test := exec.Command("go", append([]string{"test", "-count=1", "./internal/sentences"}, packages...)...)
	test.Dir = filepath.Join(filepath.Dir(path()), "..", "..", "..")
	test.Env = append(os.Environ(), gatherVariable+"="+gathered)
	test.Stdout, test.Stderr = os.Stdout, os.Stderr
	if err := test.Run(); err != nil {
		return err
	}
	data, err := os.ReadFile(gathered)
	if err != nil {
		return err
	}
	lines := append(verdicts(), strings.Split(strings.TrimSpace(string(data)), "\n")...)
	return os.WriteFile(path(), []byte(format(lines)), 0o644)
}

// TestInputs analyzes recorded inputs: what passes over traces and profiles say.
func TestInputs(t *testing.T) {
	files, err := filepath.Glob("testdata/inputs/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d inputs, %v", len(files), err)
	}
	for _, file := range files {
		rep, err := analyzer.Analyze(t.Context(), []string{file}, analyzer.Options{})
		if err != nil {
			t.Error(err)
			continue
		}
		if len(rep.Findings) == 0 {
			t.Errorf("%s: no finding", file)
		}
		Hold(t, rep.Findings...)
	}
}

// TestVerdicts holds the verdicts of all rules.
func TestVerdicts(t *testing.T) {
	if os.Getenv(gatherVariable) != "" {
		return
	}
	held := read(t)
	for _, line := range verdicts() {
		if !held[line] {
			t.Errorf("the file does not have %q; -update writes it", line)
		}
	}
}

// TestEveryRuleSpeaks holds that the file has the title and the fix of each rule.
func TestEveryRuleSpeaks(t *testing.T) {
	if os.Getenv(gatherVariable) != "" {
		return
	}
	said := make(map[string]bool)
	for line := range read(t) {
		head, _, _ := cutLine(line)
		said[head] = true
	}
	for _, rule := range finding.Rules() {
		for _, kind := range []string{"title", "fix"} {
			if !said[string(rule.ID)+" | "+kind] {
				t.Errorf("no %s of %s", kind, rule.ID)
			}
		}
	}
}

func TestCanonical(t *testing.T) {
	at := finding.Stack{{Func: "example.com/bank.(*Account).Move.func1", File: "/src/bank/bank.go", Line: 12}}
	f := finding.Finding{
		Rule: "deadlock", Certainty: finding.Observed, Resources: []finding.Resource{{Kind: finding.Mutex, Name: "(*Account).mu"}},
		Goroutines: []finding.Goroutine{{ID: 7, Wait: &finding.Wait{Stack: at}}},
	}
	for text, want := range map[string]string{
		"5 goroutines wait for (*Account).mu at bank.(*Account).Move.func bank.go:12":    "9 goroutines wait for mu at main.f main.go:9",
		"1 goroutine waits, the longest for 1m3.5s, in bank.(*Account).Move.func (38 %)": "1 goroutine waits, the longest for 9 ms, in main.f (9 %)",
		"goroutine 1 waits 1.24 ms; that is one of 1,204 waits at other.go:3":            "goroutine 9 waits 9 ms; that is one of 9 waits at main.go:9",
		"TestMove/lock timed out after 10 seconds":                                       "TestF timed out after 9 ms",
	} {
		if diff := cmp.Diff(want, newCanonical(&f).text(text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}
