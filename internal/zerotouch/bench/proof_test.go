package bench

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/internal/cputime"
	"github.com/concdoctor/concdoctor/internal/zerotouch/internal/testgo"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
	"github.com/concdoctor/concdoctor/internal/zerotouch/verdict"
)

// BenchmarkProof asks the collector of programs that hang which goroutines are lost: what one
// look takes, of processor time too, for how long it stops the program, and how much more
// memory it takes; and the processor time of the reader.
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

// state is what a program has taken up to now.
type state struct{ processor, paused, memory float64 }

// hung is a program that hangs.
type hung struct {
	in    io.Writer
	lines io.Reader
}

func (h *hung) state(b *testing.B) (s state) {
	fmt.Fprintln(h.in)
	if _, err := fmt.Fscanln(h.lines, &s.processor, &s.paused, &s.memory); err != nil {
		b.Fatal(err)
	}
	return s
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
	h := &hung{in, bufio.NewReader(out)}
	h.state(b) // it hangs by now
	file, err := testgo.OpenTape(tapes)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	before := h.state(b)
	if err := file.Ask(true); err != nil {
		b.Fatal(err)
	}
	if why, answered := file.AwaitAnswer(time.Minute); !answered || why != tape.NotRefused {
		b.Fatalf("answered %v, refused for %d", answered, why)
	}
	after := h.state(b)
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
	b.ReportMetric((after.processor-before.processor)/1e6, "processor-ms")
	b.ReportMetric((after.paused-before.paused)/1e6, "stopped-ms")
	b.ReportMetric((after.memory-before.memory)/1e6, "more-MB")
	b.ReportMetric(float64(lost), "lost")
	b.ReportMetric(reading(b, tapes).Seconds()*1e3, "reader-ms")
}

// reading is the processor time in which a reader reads the tape once and judges it.
func reading(b *testing.B, tapes string) time.Duration {
	before, known := cputime.Used()
	if _, err := verdict.Watch(b.Context(), tapes, verdict.Options{}).Finish(); err != nil {
		b.Fatal(err)
	}
	after, _ := cputime.Used()
	if !known {
		b.Skip("processor time is not known here")
	}
	return after - before
}
