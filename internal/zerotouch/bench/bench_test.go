package bench

import (
	"bufio"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/internal/zerotouch/inject"
	"github.com/concdoctor/concdoctor/internal/zerotouch/internal/testgo"
)

// TestMain lets the test binary be the program that the go command calls for its tools.
func TestMain(m *testing.M) {
	testgo.Tool(inject.Sets)
	os.Exit(m.Run())
}

// rounds is how often each operation runs in each way.
const rounds = 5

// load builds the program in both ways.
func load(b *testing.B) (plain, touched string) {
	b.Helper()
	if !inject.Available(runtime.GOOS, runtime.GOARCH) {
		b.Skip("nothing is recorded here")
	}
	flag, err := testgo.Flag()
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	plain, touched = filepath.Join(dir, "plain"), filepath.Join(dir, "touched")
	for _, args := range [][]string{{"build", "-o", plain, "."}, {"build", "-toolexec=" + flag, "-o", touched, "."}} {
		cmd := exec.CommandContext(b.Context(), "go", args...)
		cmd.Dir = "testdata/load"
		cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
	}
	return plain, touched
}

func measure(b *testing.B, program, operation, tapes string) float64 {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), program, operation)
	cmd.Env = append(os.Environ(), "CONCDOCTOR_TAPE_DIR="+tapes)
	out, err := cmd.CombinedOutput()
	if err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return number(b, out)
}

// measureServer has a client that is not observed make requests to a server that is.
func measureServer(b *testing.B, program, client, tapes string) float64 {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), program, "server")
	cmd.Env = append(os.Environ(), "CONCDOCTOR_TAPE_DIR="+tapes)
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer cmd.Wait()
	defer in.Close()
	lines := bufio.NewReader(out)
	url, err := lines.ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	if out, err := exec.CommandContext(b.Context(), client, "client", strings.TrimSpace(url)).CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	in.Close()
	last, _ := lines.ReadBytes('\n')
	return number(b, last)
}

func number(b *testing.B, out []byte) float64 {
	b.Helper()
	value, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	if err != nil {
		b.Fatal(err)
	}
	return value
}

// tapeDir is memory where the system has a directory for that: a tape on a disk makes the
// program wait for it.
func tapeDir(b *testing.B) string {
	b.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "concdoctor")
	if err != nil {
		return b.TempDir()
	}
	b.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func BenchmarkRecording(b *testing.B) {
	plain, touched := load(b)
	for _, operation := range []string{"mutex", "nested", "rwmutex", "channel", "handoff", "select", "waiting", "go", "http"} {
		b.Run(operation, func(b *testing.B) {
			compare(b, plain, touched, func(program, tapes string) float64 { return measure(b, program, operation, tapes) })
		})
	}
	b.Run("server", func(b *testing.B) {
		compare(b, plain, touched, func(program, tapes string) float64 { return measureServer(b, program, plain, tapes) })
	})
}

// compare reports the best of some rounds in turns: plain, with the hooks off, recording.
func compare(b *testing.B, plain, touched string, run func(program, tapes string) float64) {
	tapes := tapeDir(b)
	best := [3]float64{math.Inf(1), math.Inf(1), math.Inf(1)}
	for range b.N * rounds {
		best[0] = min(best[0], run(plain, ""))
		best[1] = min(best[1], run(touched, ""))
		best[2] = min(best[2], run(touched, tapes))
	}
	b.ReportMetric(0, "ns/op") // of starting processes
	b.ReportMetric(best[0], "plain-ns")
	b.ReportMetric(best[1]/best[0], "off")
	b.ReportMetric(best[2]/best[0], "recording")
}

func BenchmarkMemory(b *testing.B) {
	plain, touched := load(b)
	tapes := tapeDir(b)
	var bytes [2]float64
	for range b.N {
		bytes[0], bytes[1] = measure(b, plain, "memory", ""), measure(b, touched, "memory", tapes)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(bytes[0], "plain-B/goroutine")
	b.ReportMetric(bytes[1], "recording-B/goroutine")
}
