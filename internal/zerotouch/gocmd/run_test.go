package gocmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/concdoctor/concdoctor/internal/zerotouch/toolexec"
)

// TestMain lets the test binary be the go command, in tests of what comes to it.
func TestMain(m *testing.M) {
	if os.Getenv("FAKE_GO") != "" {
		os.Exit(fakeGo(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// called is what the fake go command tells of its call.
type called struct {
	Args  []string
	Tapes string
	Stdin string
}

func fakeGo(args []string) int {
	if text := os.Getenv("FAKE_SETTINGS"); args[0] == "env" && text != "" {
		fmt.Print(text)
		return 0
	}
	var in bytes.Buffer
	_, _ = in.ReadFrom(os.Stdin)
	told, err := json.Marshal(called{args, os.Getenv(TapeDir), in.String()})
	if err != nil {
		return 99
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt)
	fmt.Println(string(told))
	fmt.Fprint(os.Stderr, "words of go")
	switch how := os.Getenv("FAKE_GO"); how {
	case "interrupt": // wait for two
		<-signals
		fmt.Println("one")
		<-signals
		return 4
	case "killed":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	default:
		status, err := strconv.Atoi(how)
		if err != nil {
			return 99
		}
		return status
	}
}

// helpOf returns what the real go command says to a command line.
func helpOf(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out)
}

// fakePath puts a go command of the tests into PATH and returns its environment.
func fakePath(t *testing.T, how string) []string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, "go")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	return append(os.Environ(), "FAKE_GO="+how, TapeDir+"=of the user")
}

func TestRun(t *testing.T) {
	for how, want := range map[string]int{"0": 0, "1": 1, "2": 2, "77": 77, "killed": 128 + 9} {
		t.Run(how, func(t *testing.T) {
			c, err := Parse("run", []string{"-C", "sub", "-toolexec", "my tool", ".", "two words", ""})
			if err != nil {
				t.Fatal(err)
			}
			var stdout, stderr bytes.Buffer
			out, err := c.Run(Options{
				Program: "/bin/concdoctor", Tapes: "/tapes", Settings: &Settings{}, Env: fakePath(t, how),
				Stdin: strings.NewReader("in"), Stdout: &stdout, Stderr: &stderr,
			})
			if err != nil || out.Status != want || stderr.String() != "words of go" || out.Marks != (toolexec.Marks{}) {
				t.Errorf("Run = %+v, %v, want status %d; standard error %q", out, err, want, stderr.String())
			}
			var got called
			if err := json.Unmarshal(stdout.Bytes(), &got); err != nil {
				t.Fatalf("%v: %s", err, stdout.String())
			}
			flag := strings.Fields(strings.TrimPrefix(got.Args[3], "-toolexec="))
			if len(flag) != 6 || flag[0] != "/bin/concdoctor" || flag[1] != toolexec.Command || flag[3] != "2" || flag[4] != "my" || flag[5] != "tool" {
				t.Errorf("-toolexec is %q", flag)
			} else if _, err := os.Stat(flag[2]); !os.IsNotExist(err) {
				t.Errorf("the directory of marks %s is left: %v", flag[2], err)
			}
			got.Args[3] = "-toolexec"
			if !slices.Equal(got.Args, []string{"run", "-C", "sub", "-toolexec", ".", "two words", ""}) || got.Tapes != "/tapes" || got.Stdin != "in" {
				t.Errorf("the go command got %+v", got)
			}
		})
	}
}

// TestRunWithoutTapes: a user that builds keeps their own directory.
func TestRunWithoutTapes(t *testing.T) {
	c, err := Parse("build", nil)
	if err != nil {
		t.Fatal(err)
	}
	var stdout bytes.Buffer
	_, err = c.Run(Options{Program: "x", Settings: &Settings{}, Env: fakePath(t, "0"), Stdout: &stdout})
	var got called
	if jerr := json.Unmarshal(stdout.Bytes(), &got); err != nil || jerr != nil || got.Tapes != "of the user" {
		t.Errorf("%v, %v: the go command got %+v", err, jerr, got)
	}
}

// notifier tells when a line has come.
type notifier struct{ lines chan struct{} }

func (n *notifier) Write(p []byte) (int, error) {
	for range bytes.Count(p, []byte("\n")) {
		n.lines <- struct{}{}
	}
	return len(p), nil
}

// TestSignalsGoOn: an interrupt of this process alone reaches the go command, a second
// one too, and this process lives to tell its status.
func TestSignalsGoOn(t *testing.T) {
	c, err := Parse("test", nil)
	if err != nil {
		t.Fatal(err)
	}
	out := &notifier{lines: make(chan struct{}, 8)}
	env := fakePath(t, "interrupt")
	go func() {
		for range 2 {
			<-out.lines
			_ = syscall.Kill(os.Getpid(), syscall.SIGINT)
		}
	}()
	got, err := c.Run(Options{Program: "x", Settings: &Settings{}, Env: env, Stdout: out})
	if err != nil || got.Status != 4 {
		t.Errorf("Run = %+v, %v, want status 4", got, err)
	}
}

func TestSettings(t *testing.T) {
	s, err := ReadSettings(t.Context(), "", append(os.Environ(), "GOFLAGS=-count=2 '-toolexec=a b'", "GOOS=windows", "GOARCH=arm64", "GOEXPERIMENT="))
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Target(); got.GOOS != "windows" || got.GOARCH != "arm64" || got.GoVersion != s.GOVERSION || !strings.HasPrefix(s.GOVERSION, "go1.") {
		t.Errorf("target %+v", got)
	}
	if v, has := s.flag("toolexec"); v != "a b" || !has {
		t.Errorf("-toolexec %q, %v", v, has)
	}
	if _, has := s.flag("exec"); has {
		t.Error("-exec is not in GOFLAGS")
	}
	_, err = ReadSettings(t.Context(), filepath.Join(t.TempDir(), "gone"), nil)
	var exit *ExitError
	if !errors.As(err, &exit) || exit.Status == 0 || !strings.Contains(exit.Error(), "gone") {
		t.Errorf("a directory that is not there: %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := ReadSettings(t.Context(), "", nil); !errors.Is(err, ErrNoGo) {
		t.Errorf("without a go command: %v", err)
	}
}
