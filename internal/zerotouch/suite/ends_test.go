package suite

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer"
	"github.com/concdoctor/concdoctor/internal/zerotouch/gocmd"
	"github.com/concdoctor/concdoctor/internal/zerotouch/internal/testgo"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
	"github.com/concdoctor/concdoctor/internal/zerotouch/verdict"
)

// endings are the ways in which a program ends, and how the report says so; "" where it
// was done.
var endings = map[string]string{
	"return":               "",
	"exit":                 "exited with status 7",
	"panic":                "panicked",
	"panic of a goroutine": "panicked",
	"panic of a timer":     "panicked",
	"fatal error":          "was ended by a fatal error",
	"out of memory":        "was ended by a fatal error",
	"exit call":            "was killed",
	"SIGINT":               "was interrupted",
	"SIGTERM":              "was ended by SIGTERM",
	"SIGQUIT":              "was ended by SIGQUIT",
	"SIGKILL":              "was killed",
}

var signals = map[string]syscall.Signal{
	"SIGINT": syscall.SIGINT, "SIGTERM": syscall.SIGTERM, "SIGQUIT": syscall.SIGQUIT, "SIGKILL": syscall.SIGKILL,
}

// hanging are the shapes, with how many goroutines wait in each, and what is found: where
// no goroutine that the program waits for is among them it is a leak.
var hanging = map[string]struct {
	count int64
	rule  finding.RuleID
}{
	"ring":  {3, finding.RuleGoroutineLeak},
	"group": {1, finding.RuleGoroutineLeak},
	"cond":  {1, finding.RuleGoroutineLeak},
	"locks": {2, finding.RuleDeadlock},
	"mixed": {2, finding.RuleDeadlock},
}

// TestEnds has programs hang in each way, and end in each way once the collector has proven
// it: the report says what a live line has said, and lists what was blocked.
func TestEnds(t *testing.T) {
	if testing.Short() {
		t.Skip("runs many programs")
	}
	program := filepath.Join(t.TempDir(), "hangs")
	if err := testgo.Run(t.Context(), "../inject/testdata/hangs", "build", "-o", program, "."); err != nil {
		t.Fatal(err)
	}
	var all []*ending
	for shape := range hanging {
		for end := range endings {
			h := &ending{program: program, shape: shape, end: end, tapes: t.TempDir(), done: make(chan struct{})}
			go h.run(t.Context())
			all = append(all, h)
		}
	}
	for _, h := range all {
		t.Run(h.shape+" "+h.end, h.check)
	}
}

// ending is a process that hangs and then ends.
type ending struct {
	program, shape, end, tapes string

	done chan struct{}
	live []finding.Finding
	rep  *finding.Report
	err  error
	// blind says that the collector cannot tell.
	blind bool
}

// lookLimit is how long the proof may take on a machine that is busy.
const lookLimit = time.Minute

func (h *ending) run(ctx context.Context) {
	defer close(h.done)
	live := make(chan finding.Finding, 10)
	watch := verdict.Watch(ctx, h.tapes, verdict.Options{OnHang: func(_ string, f finding.Finding) { live <- f }})
	how := h.end
	if signals[how] != 0 {
		how = "signal"
	}
	cmd := exec.CommandContext(ctx, h.program, h.shape, how)
	cmd.Env = append(os.Environ(), gocmd.TapeDir+"="+h.tapes)
	out, err := cmd.StdoutPipe()
	in, err2 := cmd.StdinPipe()
	if err != nil || err2 != nil {
		h.err = fmt.Errorf("%w %w", err, err2)
		return
	}
	if h.err = cmd.Start(); h.err != nil {
		return
	}
	if _, h.err = bufio.NewReader(out).ReadString('\n'); h.err != nil {
		return
	}
	if h.err = h.awaitProof(); h.err != nil {
		return
	}
	if signal := signals[h.end]; signal != 0 {
		_ = cmd.Process.Signal(signal)
	}
	in.Close()
	_ = cmd.Wait() // the report says how it ended
	h.rep, h.err = watch.Finish()
	close(live)
	for f := range live {
		h.live = append(h.live, f)
	}
}

// awaitProof asks the collector until it has proven that all of the shape's goroutines hang,
// where it can. The watch would ask too, but not on a machine that is busy.
func (h *ending) awaitProof() error {
	f, err := testgo.OpenTape(h.tapes)
	if err != nil {
		return err
	}
	defer f.Close()
	for limit := time.Now().Add(lookLimit); time.Now().Before(limit); time.Sleep(10 * time.Millisecond) {
		t, err := f.Read()
		if err != nil {
			return err
		}
		waits, proven := int64(0), int64(0)
		for i := range t.Goroutines {
			if g := &t.Goroutines[i]; g.Wait != nil && g.Wait.Stack.Site().Package() == "main" {
				waits++
				if g.Leaked {
					proven++
				}
			}
		}
		h.blind = t.Looks.Blind != tape.NotRefused
		switch all := hanging[h.shape].count; {
		case waits < all:
			continue
		case h.blind, proven == all:
			return nil
		}
		if err := f.Ask(true); err != nil {
			return err
		}
		f.AwaitAnswer(time.Second)
	}
	return errors.New("there is no proof")
}

func (h *ending) check(t *testing.T) {
	<-h.done
	if h.err != nil {
		t.Fatal(h.err)
	}
	want := hanging[h.shape]
	for _, f := range h.live {
		if !slices.ContainsFunc(h.rep.Findings, func(r finding.Finding) bool { return r.Fingerprint == f.Fingerprint }) {
			t.Errorf("a live line said %s, the report does not", f.Headline())
		}
	}
	at := slices.IndexFunc(h.rep.Findings, func(f finding.Finding) bool { return f.Rule == want.rule && f.Certainty >= finding.Proven })
	if at < 0 && !h.blind {
		t.Errorf("no %s: %s", want.rule, h.rep.Summary.Verdict)
	}
	h.checkLater(t)
	ended := endings[h.end]
	if ended == "" {
		if len(h.rep.Blocked) > 0 {
			t.Errorf("blocked %+v", h.rep.Blocked)
		}
		return
	}
	if len(h.rep.Blocked) != 1 {
		t.Fatalf("%d processes with goroutines blocked, want 1", len(h.rep.Blocked))
	}
	headline := fmt.Sprintf("example.com/hangs %s with %s blocked", ended, finding.Plural(want.count, "goroutine"))
	if got := h.rep.Blocked[0].Headline(); got != headline || !strings.Contains(h.rep.Summary.Verdict, headline) {
		t.Errorf("headline %q, verdict %q, want %q", got, h.rep.Summary.Verdict, headline)
	}
}

// checkLater holds that the tape says the same when it is read later.
func (h *ending) checkLater(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(h.tapes, "*.tape"))
	if err != nil {
		t.Fatal(err)
	}
	later, err := analyzer.Analyze(t.Context(), names, analyzer.Options{Formats: []analyzer.Format{verdict.Format(verdict.Limits{})}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whatItSays(h.rep), whatItSays(later)); diff != "" {
		t.Errorf("the tape read later (-report +later):\n%s", diff)
	}
}

// whatItSays are the findings with their certainty, and how the process ended.
func whatItSays(rep *finding.Report) (all []string) {
	for i := range rep.Findings {
		all = append(all, rep.Findings[i].Headline())
	}
	for i := range rep.Blocked {
		all = append(all, rep.Blocked[i].Headline())
	}
	return append(all, rep.Summary.Verdict)
}
