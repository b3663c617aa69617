package hunt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Streams are those of the hunted program. The zero value is an empty input, and outputs
// that is never read.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	// Direct says that Err is a terminal: it is handed on as it is, and reports of races
	// on it are not looked at. A program that asks whether it has a terminal is rarely
	// built with the race detector.
	Direct bool
}

// hunter is a hunt in one program.
type hunter struct {
	config *Config
	std    Streams
	argv   []string
	tally  Tally
	aims   aims
	result Result
}

// Exec runs the program argv as often as the configuration says, and writes what was
// found into its directory. The streams are those of the first run; of a later one that
// fails the output is written when it is over. status is that of the first run that
// failed, 0 if none did.
func Exec(ctx context.Context, config *Config, std Streams, argv []string) (status int, err error) {
	h := &hunter{config: config, std: std, argv: slices.Clone(argv), tally: Tally{Command: config.Command}, result: Result{Program: program(argv)}}
	if config.Timeout != "" {
		setTimeout(h.argv, config.Timeout)
	}
	began := time.Now()
	for number := 0; h.goesOn(number, time.Since(began)); number++ {
		code, err := h.run(ctx, number)
		if err != nil {
			return code, err
		}
		if status == 0 {
			status = code
		}
		if ctx.Err() != nil || h.hasEnough() {
			break
		}
	}
	return status, h.finish()
}

// goesOn reports whether there is to be a run with that number.
func (h *hunter) goesOn(number int, spent time.Duration) bool {
	c := h.config
	if c.Runs == 0 && c.Time == 0 {
		return number == 0
	}
	return (c.Runs == 0 || number < c.Runs) && (c.Time == 0 || spent < c.Time)
}

// hasEnough reports whether something was found: a run failed, or did what no program
// should. A pattern that only could do harm is no end of the hunt.
func (h *hunter) hasEnough() bool {
	return !h.config.Whole && (h.result.Failed+h.result.Hung > 0 || DoesHarm(h.tally.Findings()))
}

// DoesHarm reports whether one of the findings is what no program should do, and was
// seen to happen.
func DoesHarm(findings []finding.Finding) bool { return slices.ContainsFunc(findings, isHarm) }

func isHarm(f finding.Finding) bool { return f.Certainty >= finding.Proven && isHang(f) }

// isHang reports whether the program stops or ends by what the finding is about.
func isHang(f finding.Finding) bool {
	rule, _ := finding.LookupRule(f.Rule)
	return f.Severity == finding.Error && f.Rule != finding.RuleLockCycle &&
		(rule.Family == "deadlock" || rule.Family == "misuse" || rule.Family == "race")
}

// isStop reports whether a program has stopped by what the finding is about, for all that is
// known or suspected.
func isStop(f finding.Finding) bool {
	rule, _ := finding.LookupRule(f.Rule)
	return isHang(f) || f.Certainty == finding.Suspected && rule.Family == finding.FamilyDeadlock && f.Rule != finding.RuleLockCycle
}

// isSlowness reports whether a finding is about time that is lost. Of a run that is
// delayed on purpose that says nothing.
func isSlowness(f finding.Finding) bool {
	rule, _ := finding.LookupRule(f.Rule)
	return rule.Family == finding.FamilyContention || rule.Family == finding.FamilyTime
}

// run runs the program once and takes in what it showed.
func (h *hunter) run(ctx context.Context, number int) (status int, err error) {
	p := h.config.Plan.Run(number, h.aims.choose(Sites(h.tally.Findings())))
	dir := filepath.Join(h.config.Dir, fmt.Sprintf("%d-%d", os.Getpid(), number+1))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return 1, fmt.Errorf("creating a directory for a run's tapes: %w", err)
	}
	r := run{config: h.config, std: h.std, argv: h.argv, dir: dir, how: p, first: number == 0}
	rep, status, err := r.do(ctx)
	if err != nil {
		return max(status, 1), err
	}
	if !h.config.Keep {
		if err := os.RemoveAll(dir); err != nil {
			return status, fmt.Errorf("clearing a run's tapes: %w", err)
		}
	}
	if p.Strategy != None {
		rep.Findings = slices.DeleteFunc(rep.Findings, isSlowness)
	}
	h.tally.Add(p, rep)
	h.aims.add(r.places)
	h.aims.use(p)
	h.result.Runs, h.result.Found = h.tally.Runs(), len(h.tally.Findings())
	switch {
	case r.hung:
		h.result.Hung++
		h.result.HungIn = addTests(h.result.HungIn, rep.Blocked)
	case status != 0:
		h.result.Failed++
	}
	return status, h.result.write(h.config.Dir)
}

func (h *hunter) finish() error {
	h.result.Report, h.result.Done = h.tally.Report(), true
	if h.result.Report == nil {
		return errors.New("the program did not run")
	}
	h.result.Found = len(h.result.Report.Findings) // a deadlock and what led to it are one
	return h.result.write(h.config.Dir)
}

func program(argv []string) string {
	return strings.TrimSuffix(filepath.Base(argv[0]), ".test")
}

// setTimeout replaces the value of -test.timeout.
func setTimeout(argv []string, value string) {
	for i, arg := range argv {
		if strings.HasPrefix(arg, "-test.timeout=") {
			argv[i] = "-test.timeout=" + value
		}
	}
}
