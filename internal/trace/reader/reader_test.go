package reader

import (
	"bytes"
	"errors"
	"io"
	"runtime/trace"
	"strings"
	"sync"
	"testing"

	"github.com/concdoctor/concdoctor/internal/input"
	"github.com/concdoctor/concdoctor/internal/trace/gotrace"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// smallTrace is a trace with waits, wakes and a few goroutines.
func smallTrace(t testing.TB) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := trace.Start(&buf); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	ch := make(chan int)
	for range 3 {
		wg.Go(func() {
			for range ch {
			}
		})
	}
	for i := range 100 {
		ch <- i
	}
	close(ch)
	wg.Wait()
	trace.Stop()
	return buf.Bytes()
}

// checker holds a stream against what the stream package promises.
type checker struct {
	tables *stream.Tables
	live   map[stream.GID]bool
	ids    map[uint64]stream.GID
	time   int64
	events int
}

// read drains the source. Invariant: time never goes back; every id is defined
// before its use; a slot belongs to one goroutine at a time.
func (c *checker) read(t *testing.T, src *Reader) error {
	t.Helper()
	var b stream.Batch
	for {
		err := src.Next(&b)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		c.tables.Add(&b)
		for i := range b.Events {
			c.event(t, &b.Events[i])
		}
	}
}

func (c *checker) event(t *testing.T, ev *stream.Event) {
	t.Helper()
	c.events++
	if ev.Time < c.time {
		t.Fatalf("event %d: time %d after %d", c.events, ev.Time, c.time)
	}
	c.time = ev.Time
	for _, s := range []stream.StackID{ev.Stack, ev.ByStack} {
		if int(s) >= c.tables.Stacks() {
			t.Fatalf("event %d: stack %d of %d", c.events, s, c.tables.Stacks())
		}
		for _, f := range c.tables.FrameIDs(s) {
			if f == 0 || int(f) >= c.tables.Frames() {
				t.Fatalf("event %d: stack %d has frame %d of %d", c.events, s, f, c.tables.Frames())
			}
		}
	}
	if c.tables.Text(ev.Text); ev.By != 0 && !c.live[ev.By] {
		t.Fatalf("event %d: caused by the dead slot %d", c.events, ev.By)
	}
	switch ev.Kind {
	case stream.GoCreate, stream.GoStatus:
		if old, ok := c.ids[ev.Arg]; ok && c.live[old] && old != ev.G && ev.Kind == stream.GoStatus {
			t.Fatalf("event %d: goroutine %d has slots %d and %d", c.events, ev.Arg, old, ev.G)
		}
		c.live[ev.G], c.ids[ev.Arg] = true, ev.G
	case stream.GoState:
		if !c.live[ev.G] {
			t.Fatalf("event %d: the dead slot %d changes state", c.events, ev.G)
		}
	case stream.GoExit:
		if !c.live[ev.G] {
			t.Fatalf("event %d: the dead slot %d ends", c.events, ev.G)
		}
		delete(c.live, ev.G)
	}
}

func newChecker() *checker {
	return &checker{tables: stream.NewTables(), live: map[stream.GID]bool{}, ids: map[uint64]stream.GID{}}
}

// openBytes opens a trace given as bytes.
func openBytes(data []byte) (*Reader, error) {
	in, err := input.New("test", bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if !IsTrace(data) {
		return nil, errors.New("not a trace")
	}
	return New(in)
}

func TestReader(t *testing.T) {
	src, err := openBytes(smallTrace(t))
	if err != nil {
		t.Fatal(err)
	}
	c := newChecker()
	if err := c.read(t, src); err != nil {
		t.Fatal(err)
	}
	if src.Loss() != "" || src.Events() != int64(c.events) || src.Nanos() != c.time || c.events < 300 {
		t.Errorf("loss %q, %d events of %d, %d ns of %d", src.Loss(), src.Events(), c.events, src.Nanos(), c.time)
	}
	var b stream.Batch
	if err := src.Next(&b); err != io.EOF || len(b.Events) > 0 {
		t.Errorf("behind the end: %v and %d events", err, len(b.Events))
	}
}

// TestStacksAreStable: equal stacks have one id.
func TestStacksAreStable(t *testing.T) {
	src, err := openBytes(smallTrace(t))
	if err != nil {
		t.Fatal(err)
	}
	c := newChecker()
	if err := c.read(t, src); err != nil {
		t.Fatal(err)
	}
	seen := map[string]stream.StackID{}
	for id := 1; id < c.tables.Stacks(); id++ {
		var key strings.Builder
		for _, f := range c.tables.Stack(stream.StackID(id)) {
			key.WriteString(f.Func + f.Position())
			key.WriteByte('\n')
		}
		if other, ok := seen[key.String()]; ok {
			t.Errorf("stacks %d and %d are the same:\n%s", other, id, key.String())
		}
		seen[key.String()] = stream.StackID(id)
	}
}

// FuzzTrace feeds the loader with damage. It must neither panic nor break the
// promises of the stream.
func FuzzTrace(f *testing.F) {
	data := smallTrace(f)
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Add([]byte("go 1.26 trace\x00\x00\x00"))
	f.Add([]byte("go 1.22 trace\x00\x00\x00\x01\x01\x00\x00\x05\x08\x80\xca\xb5\xee\x01"))
	f.Fuzz(func(t *testing.T, data []byte) {
		src, err := openBytes(data)
		if err != nil {
			return
		}
		defer src.Close()
		if err := newChecker().read(t, src); err != nil && len(err.Error()) > 4*maxReasonBytes {
			t.Errorf("an error of %d bytes", len(err.Error()))
		}
		if loss := src.Loss(); len(loss) > 4*maxReasonBytes || strings.Contains(loss, "\n") {
			t.Errorf("a warning of %d bytes", len(loss))
		}
	})
}

// TestWhoDecodes: the formats of Go 1.22 to 1.26 are ours, older ones the library's.
func TestWhoDecodes(t *testing.T) {
	golden, err := gotrace.Golden()
	if err != nil {
		t.Fatal(err)
	}
	old, err := gotrace.Old()
	if err != nil {
		t.Fatal(err)
	}
	releases := make(map[string]bool)
	for _, tr := range append(golden, old...) {
		header, _, _ := strings.Cut(string(tr.Data), " trace")
		releases[header] = true
		src, err := openBytes(tr.Data)
		if err != nil {
			t.Errorf("%s: %v", tr.Name, err)
			continue
		}
		_, ours := src.decoder.(*own)
		if isNew := header >= "go 1.22"; ours != isNew {
			t.Errorf("%s: %s, decoded by us: %v", tr.Name, header, ours)
		}
		c := newChecker()
		err = c.read(t, src)
		if good := err == nil && src.Loss() == ""; good != tr.Good {
			t.Errorf("%s: good is %v, but error %v, loss %q", tr.Name, tr.Good, err, src.Loss())
		}
	}
	for _, header := range []string{"go 1.11", "go 1.19", "go 1.21", "go 1.22", "go 1.23", "go 1.25"} {
		if !releases[header] {
			t.Errorf("no trace of %s", header)
		}
	}
}
