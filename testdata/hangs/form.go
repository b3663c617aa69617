package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/testdata/internal/standin"
)

// form is a way in which people meet a hang.
type form struct {
	name, about string
	run         func(ctx context.Context, t *trial) error
	needs       program
	// sees is what the form can know at all.
	sees sight
	// toEnd says that healthy programs come to their end in it; else it is over before.
	toEnd bool
	// onlyHangs says that it shows nothing of functions that return.
	onlyHangs bool
	// asleep says that the runtime ends a program of which all goroutines are asleep.
	asleep bool
}

// sight is what the findings of a form rest on.
type sight uint8

const (
	everything  sight = iota // names, holders, and all that is waited for
	packageSync              // what the agent replaces
	stacks                   // where goroutines are, with addresses or times
	places                   // where goroutines are
)

var forms = []form{
	{name: "timeout", needs: observedTest, about: "`concdoctor test -timeout`", run: timeout},
	{name: "interrupt", needs: observedTest, about: "`concdoctor test`, Ctrl-C", run: interrupt},
	{name: "hunt", needs: observedTest, about: "`concdoctor test --runs 3`, no time-out", run: hunted, toEnd: true},
	{name: "server", needs: observedMain, about: "`concdoctor run`, a listener beside, Ctrl-C", run: func(ctx context.Context, t *trial) error { return t.server(ctx, false) }},
	{name: "killed", needs: observedMain, about: "the same, the program killed", run: func(ctx context.Context, t *trial) error { return t.server(ctx, true) }},
	{name: "plain", needs: observedMain, about: "`concdoctor run`", run: plain, toEnd: true, asleep: true},
	{name: "tape", needs: observedMain, about: "`concdoctor build`, a listener beside, SIGTERM, `analyze` of the tape", run: tape},
	{name: "dump-timeout", needs: plainTest, about: "`analyze` of what `go test -timeout` prints", run: dumpTimeout, sees: stacks, onlyHangs: true},
	{name: "dump-quit", needs: plainMain, about: "a listener beside, `analyze` of what SIGQUIT prints", run: dumpQuit, sees: stacks},
	{name: "profile", needs: plainMain, about: "`analyze` of a live server's goroutine profile", run: profile, sees: places},
	{name: "record", needs: plainMain, about: "`concdoctor record` of a live server", run: recorded, sees: stacks},
	{name: "agent", needs: agentMain, about: "the agent in place of package sync, a listener beside, SIGTERM", run: agent, sees: packageSync},
	{name: "agent-proof", needs: provingMain, about: "the same, the profile of leaked goroutines built in, as with Go 1.27", run: agentWithProof, sees: packageSync},
}

// trial is one run of a shape, or of its healthy twin, in one form.
type trial struct {
	*built
	*shape
	healthy bool
	wait    time.Duration // how long it is looked at
	// patience is how long concdoctor may take at the least to say that the program hangs:
	// where that is sure to come, a busy machine is no reason to miss it.
	patience time.Duration
	slow     time.Duration // how long the healthy twin keeps others waiting
	at       string        // a directory of its own

	findings []finding.Finding
	blocked  []finding.BlockedProcess
	// text is what was said while it ran and at its end.
	text string
	// over says that the program ended by itself, early that it did so before it was to be
	// ended.
	over, early bool
	took        time.Duration
}

func (t *trial) function() string {
	if t.healthy {
		return t.name + healthySuffix
	}
	return t.name
}

func (t *trial) path(name string) string { return filepath.Join(t.at, name) }

func (t *trial) environment(more ...string) []string {
	return append(append(os.Environ(), t.slowly()), more...)
}

// slowly tells healthy programs how long to keep others waiting.
func (t *trial) slowly() string { return "HANGS_SLOW=" + t.slow.String() }

// doctorRuns starts concdoctor with the stand-in as the go command, and waits until the
// program has begun.
func (t *trial) doctorRuns(ctx context.Context, args ...string) (*process, error) {
	env, err := standin.Environment(t.bin(), standin.Programs{Test: t.observedTest, Program: t.observed, PID: t.path("pid")})
	if err != nil {
		return nil, err
	}
	args = slices.Insert(args, 1, "--format", "json", "--report", t.path("report.json"))
	p, err := start(ctx, append(env, t.slowly()), append([]string{t.doctor}, args...)...)
	if err != nil {
		return nil, err
	}
	for limit := time.Now().Add(startLimit); t.process() == 0 && !p.isOver(0); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(limit) {
			_ = p.signal(syscall.SIGKILL)
			return nil, fmt.Errorf("%v does not begin\n%s", args, p.errOut.text())
		}
	}
	return p, nil
}

// process is the process that the stand-in has started, 0 if it has not yet.
func (t *trial) process() int {
	data, err := os.ReadFile(t.path("pid"))
	if err != nil {
		return 0
	}
	pid, _ := strconv.Atoi(string(data))
	return pid
}

// finish waits for concdoctor's end and reads its report.
func (t *trial) finish(p *process) error {
	if err := p.end(); err != nil {
		return err
	}
	t.text += p.out.text() + p.errOut.text()
	data, err := os.Open(t.path("report.json"))
	if err != nil {
		return fmt.Errorf("there is no report: %w\n%s", err, t.text)
	}
	defer data.Close()
	rep, err := finding.Read(data)
	if err != nil {
		return err
	}
	t.findings, t.blocked = rep.Findings, rep.Blocked
	return nil
}

// busy is how many times longer concdoctor may take to say that a program hangs on a machine
// that is busy.
const busy = 2

// watch looks at a program that concdoctor runs until the time for it is over, or until a
// moment after concdoctor has said that it hangs. It reports whether the program ended.
func (t *trial) watch(p *process) (over bool) {
	long := t.wait
	if !t.healthy {
		long = max(busy*long, t.patience)
	}
	for limit := time.Now().Add(long); time.Now().Before(limit); {
		if p.isOver(100 * time.Millisecond) {
			return true
		}
		if !t.healthy && liveLine.MatchString(p.errOut.text()) {
			return p.isOver(time.Second)
		}
	}
	return false
}

func (t *trial) test() []string {
	return []string{"test", "-run", "^Test" + t.function() + "$"}
}

func timeout(ctx context.Context, t *trial) error {
	p, err := t.doctorRuns(ctx, append(t.test(), "-timeout", t.wait.String(), "shapes")...)
	if err != nil {
		return err
	}
	t.over = true
	err = t.finish(p)
	t.early = !strings.Contains(t.text, "test timed out")
	return err
}

func interrupt(ctx context.Context, t *trial) error {
	p, err := t.doctorRuns(ctx, append(t.test(), "shapes")...)
	if err != nil {
		return err
	}
	if t.early = t.watch(p); !t.early {
		_ = p.signal(syscall.SIGINT)
	}
	return t.finish(p)
}

// huntLimit is how many times longer than other forms a hunt may last, which has to
// believe by itself that a run hangs.
const huntLimit = 4

func hunted(ctx context.Context, t *trial) error {
	p, err := t.doctorRuns(ctx, slices.Insert(append(t.test(), "shapes"), 1, "--runs", "3")...)
	if err != nil {
		return err
	}
	if t.over = p.isOver(huntLimit * t.wait); !t.over {
		_ = p.signal(syscall.SIGINT)
	}
	return t.finish(p)
}

// server runs the program beside a listener, and ends it by an interrupt, or kills it.
func (t *trial) server(ctx context.Context, kill bool) error {
	p, err := t.doctorRuns(ctx, "run", "--", ".", "-listen", t.function())
	if err != nil {
		return err
	}
	if _, err := p.address(); err != nil {
		return err
	}
	t.early = t.watch(p)
	switch {
	case t.early:
	case kill:
		_ = syscall.Kill(t.process(), syscall.SIGKILL)
	default:
		_ = p.signal(syscall.SIGINT)
	}
	return t.finish(p)
}

func plain(ctx context.Context, t *trial) error {
	p, err := t.doctorRuns(ctx, "run", "--", ".", t.function())
	if err != nil {
		return err
	}
	if t.over = p.isOver(max(t.wait, 2*t.slow)); !t.over {
		_ = p.signal(syscall.SIGINT)
	}
	return t.finish(p)
}

// alone starts a program beside a listener, without concdoctor.
func (t *trial) alone(ctx context.Context, program string, env ...string) (p *process, address string, err error) {
	if p, err = start(ctx, t.environment(env...), program, "-listen", t.function()); err != nil {
		return nil, "", err
	}
	address, err = p.address()
	return p, address, err
}

// analyze gives files to concdoctor.
func (t *trial) analyze(ctx context.Context, args ...string) error {
	args = slices.Insert(args, 1, "--format", "json", "-o", t.path("report.json"))
	p, err := start(ctx, t.environment(), append([]string{t.doctor}, args...)...)
	if err != nil {
		return err
	}
	return t.finish(p)
}

func tape(ctx context.Context, t *trial) error {
	tapes := t.path("tapes")
	if err := os.Mkdir(tapes, 0o700); err != nil {
		return err
	}
	p, _, err := t.alone(ctx, t.observed, "CONCDOCTOR_TAPE_DIR="+tapes)
	if err != nil {
		return err
	}
	t.early = p.isOver(t.wait)
	_ = p.signal(syscall.SIGTERM)
	if err := p.end(); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(tapes, "*"))
	if err != nil {
		return err
	}
	return t.analyze(ctx, append([]string{"analyze"}, files...)...)
}

func dumpTimeout(ctx context.Context, t *trial) error {
	p, err := start(ctx, t.environment(), t.built.test, "-test.run=^Test"+t.function()+"$", "-test.timeout="+t.wait.String())
	if err != nil {
		return err
	}
	if err := p.end(); err != nil {
		return err
	}
	t.early = !strings.Contains(p.out.text()+p.errOut.text(), "test timed out")
	return t.analyzeLog(ctx, p)
}

func dumpQuit(ctx context.Context, t *trial) error {
	p, _, err := t.alone(ctx, t.program)
	if err != nil {
		return err
	}
	t.early = p.isOver(t.wait)
	_ = p.signal(syscall.SIGQUIT)
	if err := p.end(); err != nil {
		return err
	}
	return t.analyzeLog(ctx, p)
}

// analyzeLog analyzes what a process wrote.
func (t *trial) analyzeLog(ctx context.Context, p *process) error {
	log := t.path("output.log")
	if err := os.WriteFile(log, []byte(p.out.text()+p.errOut.text()), 0o600); err != nil {
		return err
	}
	return t.analyze(ctx, "analyze", log)
}

func profile(ctx context.Context, t *trial) error {
	p, address, err := t.alone(ctx, t.program)
	if err != nil {
		return err
	}
	defer func() { _ = p.signal(syscall.SIGKILL) }()
	t.early = p.isOver(t.wait)
	resp, err := http.Get("http://" + address + "/debug/pprof/goroutine")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if err := os.WriteFile(t.path("goroutine.pb.gz"), data, 0o600); err != nil {
		return err
	}
	return t.analyze(ctx, "analyze", t.path("goroutine.pb.gz"))
}

func recorded(ctx context.Context, t *trial) error {
	p, address, err := t.alone(ctx, t.program)
	if err != nil {
		return err
	}
	defer func() { _ = p.signal(syscall.SIGKILL) }()
	t.early = p.isOver(t.wait / 2)
	return t.analyze(ctx, "record", "--time", (t.wait / 2).String(), address)
}

func agent(ctx context.Context, t *trial) error { return t.withAgent(ctx, t.built.agent) }

func agentWithProof(ctx context.Context, t *trial) error { return t.withAgent(ctx, t.proving) }

// withAgent runs a program with the agent beside a listener.
func (t *trial) withAgent(ctx context.Context, program string) error {
	lines := t.path("findings.jsonl")
	p, _, err := t.alone(ctx, program, "CONCDOCTOR=format=json output="+lines)
	if err != nil {
		return err
	}
	t.early = p.isOver(t.wait)
	_ = p.signal(syscall.SIGTERM)
	if err := p.end(); err != nil {
		return err
	}
	t.text = p.out.text() + p.errOut.text()
	file, err := os.Open(lines)
	if err != nil {
		return fmt.Errorf("the agent left no file: %w\n%s", err, t.text)
	}
	defer file.Close()
	rep, err := finding.ReadLines(file)
	if err != nil {
		return err
	}
	t.findings = rep.Findings
	return nil
}
