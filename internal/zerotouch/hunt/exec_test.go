package hunt

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/zerotouch/gocmd"
)

// childVariable says that this process is the program of a hunt, and how it behaves.
const childVariable = "HUNT_TEST_CHILD"

func TestMain(m *testing.M) {
	if how := os.Getenv(childVariable); how != "" {
		os.Exit(child(how))
	}
	os.Exit(m.Run())
}

// child notes how it was called in a file and ends as asked.
func child(how string) int {
	journal, err := os.OpenFile(os.Getenv("HUNT_TEST_JOURNAL"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 9
	}
	fmt.Fprintf(journal, "%s %v\n", strings.ReplaceAll(os.Getenv(Variable), "\n", " "), os.Getenv(gocmd.TapeDir) != "")
	journal.Close()
	data, err := os.ReadFile(os.Getenv("HUNT_TEST_JOURNAL"))
	if err != nil {
		return 9
	}
	run := strings.Count(string(data), "\n")
	switch {
	case how == "third" && run == 3:
		fmt.Println("the third run fails")
		return 7
	case how == "race" && run == 2:
		fmt.Fprint(os.Stderr, race)
	case how == "wait":
		time.Sleep(time.Hour)
	}
	return 0
}

const race = `==================
WARNING: DATA RACE
Write at 0x00c000012345 by goroutine 7:
  example.com/bank.add()
      /src/bank/bank.go:10 +0x3c

Previous write at 0x00c000012345 by goroutine 8:
  example.com/bank.add()
      /src/bank/bank.go:10 +0x3c

Goroutine 7 (running) created at:
  example.com/bank.Run()
      /src/bank/bank.go:20 +0x44

Goroutine 8 (running) created at:
  example.com/bank.Run()
      /src/bank/bank.go:21 +0x44
==================
`

// hunt runs a hunt in a child that behaves as said.
func hunt(t *testing.T, ctx context.Context, how string, c Config) (status int, result Result, calls []string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	journal := filepath.Join(t.TempDir(), "journal")
	t.Setenv(childVariable, how)
	t.Setenv("HUNT_TEST_JOURNAL", journal)
	c.Dir = t.TempDir()
	status, err = Exec(ctx, &c, Streams{}, []string{self, "-test.timeout=10m0s"})
	if err != nil {
		t.Fatal(err)
	}
	results, err := Results(c.Dir)
	if err != nil || len(results) != 1 {
		t.Fatalf("results %v, %v", results, err)
	}
	data, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	return status, results[0], strings.Split(strings.TrimSpace(string(data)), "\n")
}

func TestExecStopsAtFailure(t *testing.T) {
	status, result, calls := hunt(t, t.Context(), "third", Config{Runs: 10, Plan: Plan{Strategies: []Strategy{Random}, Seed: 9}})
	if status != 7 || result.Runs != 3 || result.Failed != 1 || !result.Done || result.Report == nil {
		t.Errorf("status %d, result %+v", status, result)
	}
	want := []string{"none,0,0 true", "random,9,1000000000 true"}
	if len(calls) != 3 || calls[0] != want[0] || calls[1] != want[1] || !strings.HasPrefix(calls[2], "random,") || calls[2] == calls[1] {
		t.Errorf("calls %q", calls)
	}
}

func TestExecGoesOn(t *testing.T) {
	status, result, _ := hunt(t, t.Context(), "third", Config{Runs: 5, Whole: true})
	if status != 7 || result.Runs != 5 || result.Failed != 1 {
		t.Errorf("status %d, result %+v", status, result)
	}
}

func TestExecOnce(t *testing.T) {
	if status, result, _ := hunt(t, t.Context(), "well", Config{}); status != 0 || result.Runs != 1 {
		t.Errorf("status %d, result %+v", status, result)
	}
}

// TestExecRace holds that a race of a disturbed run is a finding, and an end.
func TestExecRace(t *testing.T) {
	_, result, _ := hunt(t, t.Context(), "race", Config{Runs: 5})
	if result.Runs != 2 || len(result.Report.Findings) != 1 || result.Report.Findings[0].Rule != "data-race" {
		t.Errorf("result %+v", result)
	}
}

// TestExecInterrupted holds that an interrupt ends the program and the hunt.
func TestExecInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for {
			if data, err := os.ReadFile(os.Getenv("HUNT_TEST_JOURNAL")); err == nil && len(data) > 0 {
				cancel()
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	if status, result, _ := hunt(t, ctx, "wait", Config{Runs: 5}); status == 0 || result.Runs != 1 {
		t.Errorf("status %d, result %+v", status, result)
	}
}

func TestConfigThroughEnvironment(t *testing.T) {
	if _, found, err := FromEnvironment(); found || err != nil {
		t.Errorf("found %v, %v", found, err)
	}
	c := Config{Runs: 3, Time: time.Minute, Plan: Plan{Seed: 4, Strategies: []Strategy{Directed}}, Dir: "/d", Timeout: "5s"}
	variable, err := c.Variable()
	if err != nil {
		t.Fatal(err)
	}
	name, value, _ := strings.Cut(variable, "=")
	t.Setenv(name, value)
	got, found, err := FromEnvironment()
	if err != nil || !found || got.Runs != 3 || got.Time != time.Minute || got.Plan.Seed != 4 || got.Dir != "/d" || got.Timeout != "5s" {
		t.Errorf("got %+v, %v, %v", got, found, err)
	}
}

func TestSetTimeout(t *testing.T) {
	argv := []string{"x.test", "-test.timeout=0s", "-test.v=true"}
	if setTimeout(argv, "10m"); argv[1] != "-test.timeout=10m" {
		t.Errorf("%q", argv)
	}
}

func TestCollect(t *testing.T) {
	_, result, _ := hunt(t, t.Context(), "race", Config{Runs: 5})
	dir := t.TempDir()
	if err := result.write(dir); err != nil {
		t.Fatal(err)
	}
	rep, sum, err := Collect(dir, finding.Tool{Name: "concdoctor"})
	if want := (Summary{Programs: 1, Runs: 2, Found: 1}); err != nil || !reflect.DeepEqual(sum, want) || len(rep.Findings) != 1 {
		t.Errorf("%+v, %v, findings %d", sum, err, len(rep.Findings))
	}
	if got, want := sum.String(), "2 runs of 1 program, 1 finding"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	result.Done = false
	if err := result.write(dir); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Collect(dir, finding.Tool{}); err == nil {
		t.Error("a hunt that was interrupted is not reported")
	}
}
