//go:build unix

package concdoctor_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"go/format"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write what was printed into the documents")

// testCommand is the one command of the documents that no test runs: it is the command
// that runs this test. CI takes it from the README.
const testCommand = "go test ./..."

func TestReadmeTestCommand(t *testing.T) {
	if !slices.ContainsFunc(blocks(t, "README.md"), func(b block) bool { return slices.Contains(strings.Split(b.text, "\n"), testCommand) }) {
		t.Errorf("the README does not say %q on a line of its own", testCommand)
	}
	if ci, err := os.ReadFile(".ci/run"); err != nil || !strings.Contains(string(ci), testCommand) {
		t.Errorf("CI does not call the README's test command (%v)", err)
	}
}

// TestDocs runs every document.
func TestDocs(t *testing.T) {
	for _, doc := range documents(t) {
		t.Run(strings.TrimSuffix(doc, ".md"), func(t *testing.T) { newDocReader(t, doc).readAll() })
	}
}

// docReader goes through a document as its reader would, who types in every command.
type docReader struct {
	t    *testing.T
	doc  string
	dirs map[string]string // by the place where blocks are run
	port string
	// printed is the output of the last command, "" if it was not run.
	printed string
	running []*exec.Cmd
}

func newDocReader(t *testing.T, doc string) *docReader {
	t.Helper()
	r := &docReader{t: t, doc: doc, dirs: map[string]string{"": installed(t).checkout}, port: freePort(t)}
	t.Cleanup(r.stop)
	return r
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// stop ends what was started in the background, with all that it started.
func (r *docReader) stop() {
	for _, cmd := range r.running {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended
		_ = cmd.Wait()
	}
	r.running = nil
}

func (r *docReader) readAll() {
	text := readDocument(r.t, r.doc)
	for _, b := range blocks(r.t, r.doc) {
		if b.output {
			text = r.compare(text, b)
			continue
		}
		r.printed = ""
		r.t.Run(fmt.Sprintf("line %d", b.line), func(t *testing.T) {
			outer := r.t
			r.t = t
			defer func() { r.t = outer }()
			r.read(b)
		})
	}
	if *update {
		if err := os.WriteFile(r.doc, []byte(text), 0o644); err != nil {
			r.t.Fatal(err)
		}
	}
}

func (r *docReader) read(b block) {
	switch {
	case b.notRun != "":
		r.known(b)
	case b.language == "sh":
		for _, c := range b.commands() {
			r.run(b, c)
		}
	case b.language == "yaml":
		r.workflow(b)
	case b.language == "go":
		r.program(b)
	}
}

// patience is how long a command of a document may take, on a busy machine too. What
// takes longer by itself is marked as not run.
const patience = 5 * time.Minute

// run runs a command and holds that it does what it should.
func (r *docReader) run(b block, c command) {
	r.t.Helper()
	if c.text == testCommand {
		return
	}
	r.needs(c.text)
	line := strings.ReplaceAll(c.text, "localhost:6060", "localhost:"+r.port)
	line, background := strings.CutSuffix(line, "&")
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", line)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Dir = r.dir(b.where)
	cmd.Env = append(os.Environ(), installed(r.t).environment(line)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if background {
		cmd = &exec.Cmd{Path: cmd.Path, Args: cmd.Args, Dir: cmd.Dir, Env: cmd.Env, SysProcAttr: cmd.SysProcAttr} // it outlives the time limit
		if err := cmd.Start(); err != nil {
			r.t.Fatalf("%s: %v", line, err)
		}
		r.running = append(r.running, cmd)
		return
	}
	begin := time.Now()
	out, err := cmd.CombinedOutput()
	r.t.Logf("%s: %v", line, time.Since(begin).Round(time.Millisecond))
	if cmd.ProcessState == nil || !slices.Contains(c.statuses, cmd.ProcessState.ExitCode()) {
		r.t.Fatalf("%s: %v, want exit status %v\n%s", line, err, c.statuses, out)
	}
	if len(out) == 0 && !quiet(line) {
		r.t.Errorf("%s: says nothing", line)
	}
	if strings.Contains(line, " -bench ") && !strings.Contains(string(out), "\nBenchmark") {
		r.t.Errorf("%s: no benchmark was run\n%s", line, out)
	}
	r.printed = string(out)
}

// quiet reports whether a command has nothing to say if it does well.
func quiet(line string) bool {
	word, _, _ := strings.Cut(line, " ")
	return strings.Contains(line, " -o ") || strings.Contains(line, ">") || slices.Contains([]string{"mkdir", "sleep", "go"}, word)
}

// needs skips the block where this machine cannot run the command.
func (r *docReader) needs(line string) {
	r.t.Helper()
	if strings.Contains(line, " -race") && !hasCompiler(r.t) {
		r.t.Skip("-race needs a C compiler, and there is none")
	}
	for _, zeroTouch := range []string{"concdoctor test", "concdoctor run", "concdoctor build", "concdoctor goroot", "concdoctor doctor"} {
		if strings.Contains(line, zeroTouch) && runtime.GOOS != "linux" {
			r.t.Skip("zero touch records on Linux only")
		}
	}
}

func hasCompiler(t *testing.T) bool {
	t.Helper()
	cc := strings.Fields(goEnv(t, "CC"))
	if len(cc) == 0 {
		return false
	}
	_, err := exec.LookPath(cc[0])
	return err == nil
}

// dir returns the directory in which a block is run.
func (r *docReader) dir(where string) string {
	r.t.Helper()
	dir, made := r.dirs[where]
	if made {
		return dir
	}
	switch where {
	case "shop":
		dir = copyOf(r.t, filepath.Join("testdata", "examples", "shop"), installed(r.t).scratch)
	case "a module of your own":
		dir = newModule(r.t, map[string]string{"go.mod": "module yours.example\n\ngo 1.26.0\n"})
	default:
		r.t.Fatalf("nobody knows where %q is", where)
	}
	r.dirs[where] = dir
	return dir
}

// workflow runs the steps of a workflow, but for what the README runs.
func (r *docReader) workflow(b block) {
	for line := range strings.Lines(b.text) {
		_, text, isRun := strings.Cut(strings.TrimSpace(line), "- run: ")
		if isRun && !strings.HasPrefix(text, "go install ") {
			b.where = "shop"
			r.run(b, command{text: text, statuses: []int{0, 3}})
		}
	}
}

// known checks a block that is not run: the packages that its commands name are there,
// and have the flags.
func (r *docReader) known(b block) {
	for _, c := range b.commands() {
		words := strings.Fields(c.text)
		if len(words) < 3 || words[0] != "go" || words[1] != "run" {
			r.t.Errorf("%s: only go run can be checked without being run", c.text)
			continue
		}
		cmd := exec.Command("go", "run", words[2], "-h")
		out, _ := cmd.CombinedOutput() // help exits with a status of its own
		for _, w := range words[3:] {
			if strings.HasPrefix(w, "-") && !strings.Contains(string(out), "\n  "+w+" ") && !strings.Contains(string(out), "\n  "+w+"\n") {
				r.t.Errorf("%s: there is no flag %s\n%s", c.text, w, out)
			}
		}
		if !strings.Contains(string(out), "Usage") {
			r.t.Errorf("%s: no usage\n%s", c.text, out)
		}
	}
}

// program builds the program that a block shows, and runs it if it ends; fragments only
// have to be Go.
func (r *docReader) program(b block) {
	r.t.Helper()
	switch clause, _, _ := strings.Cut(b.text, "\n"); {
	case !strings.HasPrefix(clause, "package "):
		if _, err := format.Source([]byte(b.text)); err != nil {
			r.t.Error(err)
		}
	case clause != "package main":
		r.goCommand(newModule(r.t, withConcdoctor(r.t, map[string]string{"it_test.go": b.text})), "vet", ".")
	case strings.Contains(b.text, "ListenAndServe"):
		r.goCommand(newModule(r.t, withConcdoctor(r.t, map[string]string{"main.go": b.text})), "build", "-o", os.DevNull, ".")
	default:
		r.printed = r.goCommand(newModule(r.t, withConcdoctor(r.t, map[string]string{"main.go": b.text})), "run", ".")
	}
}

func (r *docReader) goCommand(dir string, args ...string) string {
	r.t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Errorf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// compare holds an excerpt against what was printed, and returns the document with the
// excerpt as expected.
func (r *docReader) compare(text string, b block) string {
	r.t.Helper()
	if r.printed == "" {
		return text // what prints it was skipped, or has failed
	}
	updated, same := excerpt(b.text, r.printed)
	switch {
	case same:
	case updated == "":
		r.t.Errorf("%s:%d: the excerpt cannot be found in what was printed:\n%s", r.doc, b.line, r.printed)
	case *update:
		return strings.Replace(text, indented(b.text, b.indent), indented(updated, b.indent), 1)
	default:
		r.t.Errorf("%s:%d shows\n%s\nwhere it printed (go test . -update writes it)\n%s", r.doc, b.line, b.text, updated)
	}
	return text
}

func indented(text, by string) string {
	var b bytes.Buffer
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			b.WriteString(by)
		}
		b.WriteString(line)
	}
	return b.String()
}
