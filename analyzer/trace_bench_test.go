package analyzer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	rtrace "runtime/trace"
	"sync"
	"testing"
	"time"

	"golang.org/x/exp/trace"

	"github.com/concdoctor/concdoctor/internal/input"
	"github.com/concdoctor/concdoctor/internal/trace/reader"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// BenchmarkTrace compares, over one trace, the bare loop of golang.org/x/exp/trace,
// the neutral stream, and the whole analysis. CONCDOCTOR_BENCH_TRACE names a trace
// to use, such as one of testdata/gentrace; without it a second of a busy program
// is taken.
//
//	go test -run '^$' -bench Trace ./analyzer
func BenchmarkTrace(b *testing.B) {
	data := benchTrace(b)
	b.Run("reader", func(b *testing.B) {
		bench(b, data, func() (int64, error) {
			r, err := trace.NewReader(bytes.NewReader(data))
			if err != nil {
				return 0, err
			}
			for n := int64(0); ; n++ {
				if _, err := r.ReadEvent(); errors.Is(err, io.EOF) {
					return n, nil
				} else if err != nil {
					return n, err
				}
			}
		})
	})
	b.Run("stream", func(b *testing.B) {
		bench(b, data, func() (int64, error) {
			in, err := input.New("standard input", bytes.NewReader(data))
			if err != nil {
				return 0, err
			}
			src, err := reader.New(in)
			if err != nil {
				return 0, err
			}
			var batch stream.Batch
			for {
				if err := src.Next(&batch); errors.Is(err, io.EOF) {
					return src.Events(), nil
				} else if err != nil {
					return 0, err
				}
			}
		})
	})
	b.Run("analyze", func(b *testing.B) {
		bench(b, data, func() (int64, error) {
			rep, err := Analyze(context.Background(), []string{"-"}, Options{Stdin: bytes.NewReader(data)})
			if err != nil {
				return 0, err
			}
			return rep.Inputs[0].Events, nil
		})
	})
}

func bench(b *testing.B, data []byte, f func() (int64, error)) {
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	var events int64
	for b.Loop() {
		n, err := f()
		if err != nil {
			b.Fatal(err)
		}
		events += n
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds()/1e6, "Mevents/s")
}

func benchTrace(b *testing.B) []byte {
	if name := os.Getenv("CONCDOCTOR_BENCH_TRACE"); name != "" {
		data, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		return data
	}
	var buf bytes.Buffer
	if err := rtrace.Start(&buf); err != nil {
		b.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	ch := make(chan int)
	end := time.Now().Add(time.Second)
	for range 8 {
		wg.Go(func() {
			for range ch {
				mu.Lock()
				mu.Unlock()
			}
		})
	}
	for i := 0; time.Now().Before(end); i++ {
		ch <- i
	}
	close(ch)
	wg.Wait()
	rtrace.Stop()
	return buf.Bytes()
}
