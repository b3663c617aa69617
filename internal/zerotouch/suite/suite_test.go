package suite

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/suite/table"
	"github.com/concdoctor/concdoctor/internal/zerotouch/gocmd"
	"github.com/concdoctor/concdoctor/internal/zerotouch/inject"
	"github.com/concdoctor/concdoctor/internal/zerotouch/internal/testgo"
	"github.com/concdoctor/concdoctor/internal/zerotouch/verdict"
)

var update = flag.Bool("update", false, "write the column of zero touch in docs/scenarios.md")

// TestMain makes this program the one that the go command calls in place of its tools.
func TestMain(m *testing.M) {
	testgo.Tool(inject.Sets)
	// The programs mostly wait: more of them at once than there are processors.
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// row is one scenario with one kind of lock.
type row struct {
	Name, Truth, Kind string
	findings          []finding.Finding
}

const (
	hangs    = "hangs"
	harmless = "harmless"
	// childVariable is internal/detect/suite's.
	childVariable = "CONCDOCTOR_SUITE"
	// selfWait is shorter than the default, so that a hang that takes ten times as long to
	// be believed takes three seconds; patience is longer.
	selfWait = 300 * time.Millisecond
	patience = 10 * time.Second
	// proofPatience is how long a hang that is believed may take to be proven.
	proofPatience = 3 * time.Second
)

func TestScenarios(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs a hundred programs")
	}
	needCgo(t)
	program := build(t)
	out, err := start(t.Context(), program, "list", "").Output()
	if err != nil {
		t.Fatal(err)
	}
	var rows []*row
	if err := json.Unmarshal(out, &rows); err != nil {
		t.Fatal(err)
	}
	t.Run("all", func(t *testing.T) {
		for _, r := range rows {
			t.Run(r.Name+"/"+r.Kind, func(t *testing.T) {
				t.Parallel()
				r.run(t, program)
			})
		}
	})
	if !t.Failed() {
		known, err := table.Read(table.File)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			r.again(t, program, known)
		}
		compareTable(t, known, rows)
	}
}

// needCgo skips a test without cgo, as where there is no C compiler: the runtime then
// notices by itself that all goroutines of a scenario are asleep, which few programs that
// people observe are so lucky to have. The table is that of the others.
func needCgo(t *testing.T) {
	t.Helper()
	enabled, err := exec.Command("go", "env", "CGO_ENABLED").Output()
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(string(enabled)) != "1" {
		t.Skip("without cgo (there is no C compiler, or CGO_ENABLED=0) the runtime itself ends programs that hang")
	}
}

// tries is how often a program is run again, alone, that says something else than the
// table, or is less certain: the collector is not asked while the machine is busy.
const tries = 3

func (r *row) again(t *testing.T, program string, known *table.Table) {
	for range tries {
		if r.text() == known.Cell(r.Name, r.Kind, table.ZeroTouch) || r.Truth != hangs {
			return
		}
		before := *r
		r.run(t, program)
		if r.certainty() < before.certainty() {
			*r = before
		}
	}
}

// certainty is that of the most certain finding.
func (r *row) certainty() (most finding.Certainty) {
	for _, f := range r.findings {
		most = max(most, f.Certainty)
	}
	return most
}

// build builds the programs with the changed runtime in them.
func build(t *testing.T) string {
	t.Helper()
	tools, err := testgo.Flag()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "suite.test")
	cmd := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-o", program, "-toolexec="+tools, "../../detect/suite")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	return program
}

func start(ctx context.Context, program, what, tapes string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program)
	cmd.Dir = filepath.Dir(program)
	cmd.Env = append(os.Environ(), childVariable+"="+what, gocmd.TapeDir+"="+tapes)
	return cmd
}

// run runs the program until it ends or is reported to hang.
func (r *row) run(t *testing.T, program string) {
	ctx, cancel := context.WithCancel(t.Context())
	if r.Truth == hangs {
		ctx, cancel = context.WithTimeout(t.Context(), patience)
	}
	defer cancel()
	tapes := t.TempDir()
	watch := verdict.Watch(ctx, tapes, verdict.Options{
		SelfWait: selfWait, Interval: 50 * time.Millisecond,
		OnHang: func(_ string, f finding.Finding) {
			if f.Certainty >= finding.Proven {
				cancel()
			}
			time.AfterFunc(proofPatience, cancel) // the collector may prove it yet
		},
	})
	err := start(ctx, program, "plain/"+r.Kind+"/"+r.Name, tapes).Run()
	rep, failed := watch.Finish()
	if failed != nil {
		t.Fatal(failed)
	}
	r.findings = slices.DeleteFunc(rep.Findings, func(f finding.Finding) bool { return f.Rule == "contention" })
	if ended := err == nil; ended == (r.Truth == hangs) {
		t.Errorf("the truth is %q, the program: %v", r.Truth, err)
	}
}

// text is the cell of the table.
func (r *row) text() string {
	var said []string
	sure := false
	for _, f := range r.findings {
		said = append(said, fmt.Sprintf("%s (%s)", f.Rule, f.Certainty))
		sure = sure || f.Certainty >= finding.Potential && f.Severity > finding.Info
	}
	switch {
	case r.Truth == harmless && sure:
		return "**false alarm:** " + strings.Join(said, ", ")
	case r.Truth != harmless && said == nil:
		return "**miss:** silent"
	case said == nil:
		return "silent"
	}
	return strings.Join(said, ", ")
}

// compareTable holds the column of docs/scenarios.md to what was seen.
func compareTable(t *testing.T, known *table.Table, rows []*row) {
	var seen []table.Row
	for _, r := range rows {
		one := table.Row{Name: r.Name, Kind: r.Kind, Truth: r.Truth}
		one.Cells[table.ZeroTouch] = r.text()
		seen = append(seen, one)
	}
	next := known.With(seen, table.ZeroTouch)
	if *update {
		if err := next.Write(table.File); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(known.String(), next.String()); diff != "" {
		t.Errorf("docs/scenarios.md is not what was seen (-file +seen):\n%s", diff)
	}
}
