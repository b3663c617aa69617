package racetest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/internal/zerotouch/inject"
	"github.com/concdoctor/concdoctor/internal/zerotouch/internal/testgo"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

func TestMain(m *testing.M) {
	testgo.ToolForRaces(inject.SetsForRaces)
	os.Exit(m.Run())
}

// leastTests is how many tests Go's race detector has at least.
const leastTests = 360

// TestDetectorsOwnTests runs the tests of Go's race detector: one whose name begins with Race has a race,
// one that begins with NoRace has none. What they are judged by there are the reports that they print.
func TestDetectorsOwnTests(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the standard library once more")
	}
	needRecording(t)
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(strings.TrimSpace(string(goroot)), "src", "runtime", "race")
	files, err := filepath.Glob(filepath.Join(dir, "testdata", "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Skipf("this Go tree has no tests of the race detector: %v", err)
	}
	program := filepath.Join(t.TempDir(), "tests")
	for i, f := range files {
		files[i] = "testdata/" + filepath.Base(f)
	}
	if err := testgo.RunForRaces(t.Context(), dir, "test", append([]string{"-vet=off", "-c", "-o", program}, files...)...); err != nil {
		t.Fatal(err)
	}
	for _, processors := range []string{"1", "2"} {
		t.Run(processors+" processors", func(t *testing.T) { judgeTests(t, program, processors) })
	}
}

func needRecording(t *testing.T) {
	t.Helper()
	out, err := exec.Command("go", "env", "GOOS", "GOARCH").Output()
	if err != nil {
		t.Fatal(err)
	}
	if target := strings.Fields(string(out)); !inject.RacesAvailable(target[0], target[1]) {
		t.Skipf("there is no recording on %s/%s", target[0], target[1])
	}
}

// runs is one test of the program: the second of two names is what became of it.
var runs = regexp.MustCompile(`(?m)^--- (PASS|FAIL|SKIP): Test((?:No)?Race\w*)`)

func judgeTests(t *testing.T, program, processors string) {
	tp, out := record(t, []string{"GOMAXPROCS=" + processors}, program, "-test.v")
	if !strings.Contains(out, "ALL TESTS COMPLETE") {
		t.Fatalf("not all tests ran:\n%s", tail(out))
	}
	racy := racyTests(tp)
	judged := 0
	for _, m := range runs.FindAllStringSubmatch(out, -1) {
		result, name := m[1], m[2]
		if result == "SKIP" {
			continue
		}
		judged++
		want := strings.HasPrefix(name, "Race")
		if strings.Contains(name, "Failing") {
			want = !want // the race detector is known to judge it wrong
		}
		switch got := racy["Test"+name]; {
		case got == want:
		case want && racesAlone(t, program, "Test"+name):
			// Another test had raced at the same two stacks before, or the order of its goroutines was
			// another: these tests rest on short sleeps.
		default:
			t.Errorf("%s: race found %v, want %v", name, got, want)
		}
	}
	if judged < leastTests {
		t.Errorf("%d tests were judged, want %d at least", judged, leastTests)
	}
}

// tries is how often a test that should race is run alone.
const tries = 5

// racesAlone reports whether a test has a race when it runs alone.
func racesAlone(t *testing.T, program, test string) bool {
	for range tries {
		if tp, _ := record(t, nil, program, "-test.run=^"+test+"$"); len(tp.Races) > 0 {
			return true
		}
	}
	return false
}

// racyTests are the tests that were running as races were found. One runs at a time.
func racyTests(tp *tape.Tape) map[string]bool {
	racy := make(map[string]bool)
	for _, r := range tp.Races {
		for _, test := range tp.Tests {
			if test.Begin <= r.Time && (r.Time <= test.End || test.End == 0) {
				name, _, _ := strings.Cut(test.Name, "/")
				racy[name] = true
			}
		}
	}
	return racy
}

// record runs a program and returns its tape and what it printed. Its exit status is its own affair.
func record(t *testing.T, env []string, program string, args ...string) (*tape.Tape, string) {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program, args...)
	cmd.Env = append(append(os.Environ(), "CONCDOCTOR_TAPE_DIR="+dir), env...)
	out, _ := cmd.CombinedOutput()
	file, err := testgo.OpenTape(dir)
	if err != nil {
		t.Fatalf("%v\n%s", err, tail(string(out)))
	}
	defer file.Close()
	tp, err := file.Read()
	if err != nil {
		t.Fatal(err)
	}
	return tp, string(out)
}

// tail is the end of a long text.
func tail(text string) string { return text[max(0, len(text)-4000):] }
