package sarif

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	_ "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif" // for its schema
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer/render/internal/repo"
)

// validate holds the bytes against the official schema.
var validate = sync.OnceValue(func() func([]byte) error {
	schema, err := officialSchema()
	if err != nil {
		return func([]byte) error { return err }
	}
	return func(data []byte) error {
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			return err
		}
		return schema.Validate(document)
	}
})

// officialSchema takes the standard's schema from the source of a library that
// carries it as a constant. The library's own validation looks at its own types,
// which turn what is missing into null.
func officialSchema() (*jsonschema.Schema, error) {
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif").Output()
	if err != nil {
		return nil, fmt.Errorf("finding the schema: %w", err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "schema.go"), nil, 0)
	if err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	text, err := strconv.Unquote(file.Scope.Lookup("schema").Decl.(*ast.ValueSpec).Values[0].(*ast.BasicLit).Value)
	if err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(schemaURI, document); err != nil {
		return nil, err
	}
	return c.Compile(schemaURI)
}

func write(t *testing.T, rep *finding.Report, root repo.Root) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, rep, root); err != nil {
		t.Fatal(err)
	}
	if err := validate()(b.Bytes()); err != nil {
		t.Errorf("against the schema: %v", err)
	}
	return b.Bytes()
}

func read(t *testing.T, rep *finding.Report, root repo.Root) run {
	t.Helper()
	var l log
	if err := json.Unmarshal(write(t, rep, root), &l); err != nil {
		t.Fatal(err)
	}
	return l.Runs[0]
}

// TestValidateSees holds that the validation of this test can fail.
func TestValidateSees(t *testing.T) {
	good := string(write(t, sample(), repo.NewRoot("/src/bank")))
	for _, tt := range []struct{ name, old, new string }{
		{"version", `"version": "2.1.0"`, `"version": "2.2"`},
		{"level", `"level": "error"`, `"level": "fatal"`},
		{"line", `"startLine": 42`, `"startLine": 0`},
		{"unknown name", `"ruleIndex"`, `"ruleNumber"`},
		{"kind of suppression", `"kind": "external"`, `"kind": "mine"`},
		{"results", `"results": [`, `"results": 1, "x": [`},
	} {
		bad := strings.Replace(good, tt.old, tt.new, 1)
		if bad == good {
			t.Errorf("%s: the output has no %s", tt.name, tt.old)
		} else if validate()([]byte(bad)) == nil {
			t.Errorf("%s: passes", tt.name)
		}
	}
}

func frame(function, file string, line int) finding.Frame {
	return finding.Frame{Func: function, File: file, Line: line}
}

var (
	lockFrame = frame("sync.(*Mutex).Lock", "/usr/local/go/src/sync/mutex.go", 46)
	moveA     = frame("example.com/bank.(*Account).Move", "/src/bank/account.go", 42)
	moveB     = frame("example.com/bank.(*Account).Move", "/src/bank/account.go", 44)
	spawn     = frame("example.com/bank.Run", "/src/bank/run dir/worker.go", 9)
)

func sample() *finding.Report {
	rep := finding.NewReport(finding.Tool{Name: "concdoctor", Version: "v1"})
	mover := func(id uint64, holds, waits int) finding.Goroutine {
		return finding.Goroutine{ID: id, State: "waiting", Created: spawn,
			Holds: []finding.Hold{{Resource: holds, Mode: finding.Exclusive, Stack: finding.Stack{lockFrame, moveA}}},
			Wait:  &finding.Wait{Resource: waits, Mode: finding.Exclusive, Stack: finding.Stack{lockFrame, moveB}}}
	}
	rep.Findings = []finding.Finding{
		{Rule: "deadlock", Certainty: finding.Observed, Severity: finding.Error, Title: "2 goroutines F[int](x)", Detail: "Seen.", Fix: "order them",
			Resources:  []finding.Resource{{Kind: finding.Mutex, Name: "a.mu"}, {Kind: finding.Mutex, Name: "b.mu"}},
			Goroutines: []finding.Goroutine{mover(7, 0, 1), mover(9, 1, 0)},
			Measures:   []finding.Measure{finding.Number("locks", 2)}, Evidence: []finding.Evidence{{Source: "t.out", Text: "it hung"}}},
		{Rule: "contention", Certainty: finding.Observed, Severity: finding.Warning, Title: "waits", Fix: "less",
			Places: []finding.Place{
				{Role: "waits here", Stack: finding.Stack{frame("database/sql.(*DB).conn", "/usr/local/go/src/database/sql/sql.go", 1300)}},
				{Role: "holds it until here", Stack: finding.Stack{frame("io.Copy", "/usr/local/go/src/io/io.go", 3), moveB}},
			}},
		{Rule: "from-the-future", Certainty: finding.Suspected, Severity: finding.Info, Title: "nowhere"},
	}
	rep.Suppressed = []finding.Suppressed{{By: "data-race:Balance", Finding: finding.Finding{
		Rule: "data-race", Certainty: finding.Observed, Severity: finding.Error, Title: "a race", Fix: "lock",
		Goroutines: []finding.Goroutine{{State: "reads", Stack: finding.Stack{moveA}}}}}}
	rep.Suppressed = append(rep.Suppressed, finding.Suppressed{By: "deadlock at account.go:41", InSource: true, Finding: rep.Findings[0]})
	rep.Warn("t.out", "cut off")
	rep.Normalize()
	return rep
}

// TestShownAtTheRightLine: what a code host looks at is the line of the repository,
// by its name there.
func TestShownAtTheRightLine(t *testing.T) {
	r := read(t, sample(), repo.NewRoot("/src/bank"))
	if got := r.OriginalURIBaseIDs[rootBase].URI; got != "file:///src/bank/" {
		t.Errorf("root %q", got)
	}
	type shown struct {
		rule, level, uri, base string
		line, suppressions     int
	}
	var got []shown
	for _, res := range r.Results {
		s := shown{rule: res.RuleID, level: res.Level, suppressions: len(*res.Suppressions)}
		if len(res.Locations) > 0 {
			at := res.Locations[0].PhysicalLocation
			s.uri, s.base, s.line = at.ArtifactLocation.URI, at.ArtifactLocation.URIBaseID, at.Region.StartLine
		}
		if rule := r.Tool.Driver.Rules[res.RuleIndex]; rule.ID != res.RuleID || rule.ShortDescription == nil || rule.FullDescription == nil || rule.Help == nil {
			t.Errorf("at the index of %q is the rule %+v", res.RuleID, rule)
		}
		got = append(got, s)
	}
	want := []shown{
		{"deadlock", "error", "account.go", rootBase, 44, 0},
		{"contention", "warning", "account.go", rootBase, 44, 0}, // not the line in database/sql
		{"from-the-future", "note", "", "", 0, 0},
		{"data-race", "error", "account.go", rootBase, 42, 1},
		{"deadlock", "error", "account.go", rootBase, 44, 1},
	}
	if kinds := (*r.Results[3].Suppressions)[0].Kind + " " + (*r.Results[4].Suppressions)[0].Kind; kinds != "external inSource" {
		t.Errorf("kinds of suppression: %s", kinds)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(shown{})); diff != "" {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
}

func TestWithoutRoot(t *testing.T) {
	r := read(t, sample(), repo.Root{})
	at := r.Results[0].Locations[0].PhysicalLocation.ArtifactLocation
	if want := (artifactLocation{URI: "file:///src/bank/account.go"}); at != want || r.OriginalURIBaseIDs != nil {
		t.Errorf("location %+v, bases %v", at, r.OriginalURIBaseIDs)
	}
}

func TestGoroutinesAreThreads(t *testing.T) {
	res := read(t, sample(), repo.NewRoot("/src/bank")).Results[0]
	var got []string
	for _, thread := range res.CodeFlows[0].ThreadFlows {
		got = append(got, thread.ID)
		for _, step := range thread.Locations {
			at := step.Location.PhysicalLocation
			got = append(got, step.Location.Message.Text+" "+at.ArtifactLocation.URI)
		}
	}
	want := []string{
		"1: goroutine 7", "goroutine 7 is created here run%20dir/worker.go", "takes A (a.mu) account.go", "waits for B (b.mu) account.go",
		"2: goroutine 9", "goroutine 9 is created here run%20dir/worker.go", "takes B (b.mu) account.go", "waits for A (a.mu) account.go",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("threads (-want +got):\n%s", diff)
	}
	if len(res.RelatedLocations) != 6 || len(res.Stacks) != 6 {
		t.Errorf("%d related locations and %d stacks, want a wait, a hold and a creation of each goroutine", len(res.RelatedLocations), len(res.Stacks))
	}
	if frames := res.Stacks[0].Frames; len(frames) != 2 || frames[0].Location.LogicalLocations[0].FullyQualifiedName != lockFrame.Func {
		t.Errorf("the first stack is %+v", frames)
	}
}

func TestMessage(t *testing.T) {
	rep := sample()
	res := read(t, rep, repo.Root{}).Results[0]
	if want := "2 goroutines F[int\\](x) (observed). Seen.\nFix: order them"; res.Message.Text != want {
		t.Errorf("message %q, want %q", res.Message.Text, want)
	}
	want := properties{Certainty: "observed", Fix: "order them", Measures: map[string]string{"locks": "2"}, Evidence: []string{"it hung (t.out)"}}
	if diff := cmp.Diff(want, res.Properties); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	if got := res.PartialFingerprints; len(got) != 1 || got[FingerprintKey] != rep.Findings[0].Fingerprint {
		t.Errorf("fingerprints %v", got)
	}
}

// TestEveryRuleHasHelp: the catalogue's pages go along, each with what is asked of it.
func TestEveryRuleHasHelp(t *testing.T) {
	rep := finding.NewReport(finding.Tool{})
	for _, r := range finding.Rules() {
		rep.Findings = append(rep.Findings, finding.Finding{Rule: r.ID, Certainty: finding.Potential, Severity: r.Severity, Title: "t"})
	}
	rules := read(t, rep, repo.Root{}).Tool.Driver.Rules
	if len(rules) != len(finding.Rules()) {
		t.Fatalf("%d rules", len(rules))
	}
	for _, r := range rules {
		if r.Help == nil || !strings.HasPrefix(r.Help.Markdown, "# "+r.ID) || r.FullDescription.Text == r.ShortDescription.Text || strings.Contains(r.FullDescription.Text, "\n") {
			t.Errorf("%s: short %q, full %q", r.ID, r.ShortDescription.Text, r.FullDescription.Text)
		}
		if tags, ok := r.Properties["tags"].([]any); !ok || !slices.Contains(tags, any("concurrency")) {
			t.Errorf("%s: tags %v", r.ID, r.Properties)
		}
	}
}

func TestEmptyReport(t *testing.T) {
	r := read(t, finding.NewReport(finding.Tool{}), repo.Root{})
	if len(r.Results) != 0 || r.Results == nil {
		t.Errorf("results %v, want an empty list", r.Results)
	}
}

func TestWriteFails(t *testing.T) {
	full := errors.New("disk full")
	if err := Write(failingWriter{full}, sample(), repo.Root{}); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }
