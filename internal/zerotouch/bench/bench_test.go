package bench

import (
	"bufio"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/internal/zerotouch/inject"
	"github.com/concdoctor/concdoctor/internal/zerotouch/internal/testgo"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
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

// BenchmarkProof asks the collector of programs that hang which goroutines are lost: what one look takes,
// of processor time too, and for how long it stops the program.
func BenchmarkProof(b *testing.B) {
	_, touched := load(b)
	for _, size := range []struct{ goroutines, megabytes string }{
		{"10", "1"}, {"10", "1024"}, {"100000", "1"}, {"100000", "1024"},
	} {
		b.Run(size.goroutines+" goroutines "+size.megabytes+" MB", func(b *testing.B) {
			for range b.N {
				prove(b, touched, size.goroutines, size.megabytes)
			}
		})
	}
}

func prove(b *testing.B, program string, args ...string) {
	tapes := tapeDir(b)
	cmd := exec.CommandContext(b.Context(), program, append([]string{"hang"}, args...)...)
	cmd.Env = append(os.Environ(), "CONCDOCTOR_TAPE_DIR="+tapes)
	in, errIn := cmd.StdinPipe()
	out, errOut := cmd.StdoutPipe()
	if err := errors.Join(errIn, errOut, cmd.Start()); err != nil {
		b.Fatal(err)
	}
	defer cmd.Wait()
	defer in.Close()
	lines := bufio.NewReader(out)
	taken := func() (processor, paused float64) {
		fmt.Fprintln(in)
		if _, err := fmt.Fscanln(lines, &processor, &paused); err != nil {
			b.Fatal(err)
		}
		return processor, paused
	}
	taken() // it hangs by now
	names, err := filepath.Glob(filepath.Join(tapes, "*.tape"))
	if err != nil || len(names) != 1 {
		b.Fatal(names, err)
	}
	file, err := tape.Open(names[0])
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	processor, paused := taken()
	if err := file.Ask(true); err != nil {
		b.Fatal(err)
	}
	if why, answered := file.AwaitAnswer(time.Minute); !answered || why != tape.NotRefused {
		b.Fatalf("answered %v, refused for %d", answered, why)
	}
	processorAfter, pausedAfter := taken()
	t, err := file.Read()
	if err != nil {
		b.Fatal(err)
	}
	lost := 0
	for _, g := range t.Goroutines {
		if g.Leaked {
			lost++
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(t.Looks.LastNanos)/1e6, "look-ms")
	b.ReportMetric((processorAfter-processor)/1e6, "processor-ms")
	b.ReportMetric((pausedAfter-paused)/1e6, "stopped-ms")
	b.ReportMetric(float64(lost), "lost")
}
