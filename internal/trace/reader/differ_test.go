package reader

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/internal/input"
	"github.com/concdoctor/concdoctor/internal/trace/gotrace"
	"github.com/concdoctor/concdoctor/internal/trace/oldtrace"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// drained is a stream read to its end, with the tables that its ids belong to.
type drained struct {
	tables *stream.Tables
	events []stream.Event
	err    error
}

func drain(d decoder) drained {
	out := drained{tables: stream.NewTables()}
	var b stream.Batch
	for {
		b.Reset()
		err := stream.Guard(func() error { return d.Next(&b) })
		out.tables.Add(&b)
		out.events = append(out.events, b.Events...)
		if err != nil {
			out.err = err
			return out
		}
	}
}

// trim drops the sync event before an error, which comes where the error does.
func (d *drained) trim() {
	if n := len(d.events); d.err != io.EOF && n > 0 && d.events[n-1].Kind == stream.Sync {
		d.events = d.events[:n-1]
	}
}

// say writes an event out, with what its ids mean.
func (d *drained) say(ev *stream.Event) string {
	plain := *ev
	plain.Stack, plain.ByStack, plain.Text, plain.Category = 0, 0, 0, 0
	return fmt.Sprintf("%+v %q %q\n\tstack %v\n\tby %v", plain, d.tables.Text(ev.Text), d.tables.Text(ev.Category),
		d.tables.Stack(ev.Stack), d.tables.Stack(ev.ByStack))
}

// comparer tells whether events of two streams mean the same. Stacks are compared
// once: the answer for a pair of ids is remembered.
type comparer struct {
	a, b *drained
	// damaged says that frames may differ, and a reason that was derived from them: where two
	// stacks have different frames at one program counter, the library takes the first
	// for both, and ours what stands in each. No whole trace is like that.
	damaged bool
	stack   map[[2]stream.StackID]bool
}

func (c *comparer) stacks(a, b stream.StackID) bool {
	key := [2]stream.StackID{a, b}
	same, known := c.stack[key]
	if !known {
		same = slices.Equal(c.a.tables.Stack(a), c.b.tables.Stack(b))
		c.stack[key] = same
	}
	return same || c.damaged && len(c.a.tables.FrameIDs(a)) == len(c.b.tables.FrameIDs(b))
}

func (c *comparer) events(a, b *stream.Event) bool {
	x, y := *a, *b
	if !c.stacks(x.Stack, y.Stack) || !c.stacks(x.ByStack, y.ByStack) ||
		c.a.tables.Text(x.Text) != c.b.tables.Text(y.Text) || c.a.tables.Text(x.Category) != c.b.tables.Text(y.Category) {
		return false
	}
	if c.damaged && !c.stack[[2]stream.StackID{x.Stack, y.Stack}] {
		x.Reason = y.Reason
	}
	x.Stack, x.ByStack, x.Text, x.Category = y.Stack, y.ByStack, y.Text, y.Category
	return x == y
}

// both decodes a trace with both decoders.
func both(data []byte) (lib, mine drained, err error) {
	release := 0
	if _, err := fmt.Sscanf(string(data[:min(len(data), 8)]), "go 1.%d", &release); err != nil {
		return lib, mine, err
	}
	in, err := input.New("test", bytes.NewReader(data))
	if err != nil {
		return lib, mine, err
	}
	l, err := oldtrace.New(oldtrace.Source{Reader: in.R, Release: release, Offset: in.Offset, MaxBytes: oldtrace.MaxWholeBytes})
	if err != nil {
		return lib, mine, err
	}
	lib = drain(l)
	l.Close()
	if in, err = input.New("test", bytes.NewReader(data)); err != nil {
		return lib, mine, err
	}
	o, err := newOwn(in, in.R)
	if err != nil {
		return lib, mine, err
	}
	mine = drain(o)
	o.Close()
	return lib, mine, nil
}

// differ returns what is different in the events that two streams both have, "" if nothing is.
func differ(lib, mine *drained, damaged bool) string {
	c := comparer{lib, mine, damaged, make(map[[2]stream.StackID]bool)}
	for i := range min(len(lib.events), len(mine.events)) {
		if a, b := &lib.events[i], &mine.events[i]; !c.events(a, b) {
			return fmt.Sprintf("event %d of %d:\nlibrary: %s\nours:    %s", i, len(lib.events), lib.say(a), mine.say(b))
		}
	}
	return ""
}

// compare holds our decoder's stream of a good trace against the library's, event by
// event: kind, time, place, goroutines, states, reasons, frames and texts. Nothing may
// differ, not even the order of events at the same time.
func compare(t *testing.T, name string, data []byte) {
	t.Helper()
	lib, mine, err := both(data)
	switch {
	case err != nil:
		t.Errorf("%s: %v", name, err)
	case lib.err != io.EOF || mine.err != io.EOF:
		t.Errorf("%s: the library ends with %.200v, ours with %v", name, lib.err, mine.err)
	case len(lib.events) != len(mine.events):
		t.Errorf("%s: the library has %d events, ours %d", name, len(lib.events), len(mine.events))
	}
	if text := differ(&lib, &mine, false); text != "" {
		t.Errorf("%s: %s", name, text)
	}
}

// TestGoldenTraces compares the decoders over Go's own test traces. Of a bad one both
// must say so, after the same events.
func TestGoldenTraces(t *testing.T) {
	golden, err := gotrace.Golden()
	if err != nil {
		t.Fatal(err)
	}
	for _, tr := range golden {
		if tr.Good {
			compare(t, tr.Name, tr.Data)
			continue
		}
		lib, mine, err := both(tr.Data)
		if err != nil || lib.err == io.EOF || mine.err == io.EOF {
			t.Errorf("%s: %v, the library ends with %.200v, ours with %v", tr.Name, err, lib.err, mine.err)
		}
		if text := differ(&lib, &mine, false); text != "" {
			t.Errorf("%s: %s", tr.Name, text)
		}
	}
}

// TestRecordedTraces compares the decoders over traces of this very process: whole ones
// of one and of several generations, and a snapshot of the flight recorder.
func TestRecordedTraces(t *testing.T) {
	compare(t, "small", smallTrace(t))
	compare(t, "varied", variedTrace(t, 20*time.Millisecond))
	compare(t, "flight recorder", flightTrace(t))
	long := variedTrace(t, 2200*time.Millisecond)
	compare(t, "long", long)
	_, mine, err := both(long)
	if err != nil {
		t.Fatal(err)
	}
	var seen [stream.CPUSample + 1]int
	for i := range mine.events {
		seen[mine.events[i].Kind]++
	}
	for kind, n := range seen {
		if n == 0 {
			t.Errorf("the long trace has no event of kind %d: it shows less than it should", kind)
		}
	}
	if seen[stream.Sync] < 3 {
		t.Errorf("the long trace has %d sync events", seen[stream.Sync])
	}
}

// seeds are small traces, good and bad.
func seeds(t testing.TB) [][]byte {
	t.Helper()
	golden, err := gotrace.Golden()
	if err != nil {
		t.Fatal(err)
	}
	corpus, err := gotrace.Corpus()
	if err != nil {
		t.Fatal(err)
	}
	all := [][]byte{smallTrace(t)}
	for _, tr := range append(golden, corpus...) {
		if len(tr.Data) < 1<<13 {
			all = append(all, tr.Data)
		}
	}
	return all
}

// compareDamaged holds the decoders against each other over a trace that may be
// broken. What ours takes for a whole trace the library must take for the same one. Of
// a broken one both tell the same as far as both go. Ours may be stricter: there is no
// goroutine 0, no status 0, no clock that stands still, and a table that breaks off within a
// number is not the trace's end.
func compareDamaged(t *testing.T, data []byte) (whole bool) {
	t.Helper()
	lib, mine, err := both(data)
	if err != nil {
		return false
	}
	if mine.err == io.EOF && (lib.err != io.EOF || len(lib.events) != len(mine.events)) {
		t.Errorf("ours takes it for a whole trace of %d events, the library gives %d and %.300v", len(mine.events), len(lib.events), lib.err)
	}
	lib.trim()
	mine.trim()
	if text := differ(&lib, &mine, true); text != "" {
		t.Error(text)
	}
	return mine.err == io.EOF
}

// TestDamagedTraces changes single bytes and cuts, and compares the decoders.
func TestDamagedTraces(t *testing.T) {
	all := seeds(t)
	rnd := rand.New(rand.NewPCG(3, 4))
	whole := 0
	const rounds = 1500
	for range rounds {
		data := bytes.Clone(all[rnd.IntN(len(all))])
		for range 1 + rnd.IntN(3) {
			at := 16 + rnd.IntN(len(data)-16)
			switch rnd.IntN(8) {
			case 0:
				data = data[:at+1]
			case 1, 2:
				data[at] = byte(rnd.Uint32())
			case 3, 4:
				data[at]++
			default:
				data[at] ^= 1 << rnd.IntN(8)
			}
		}
		if compareDamaged(t, data) {
			whole++
		}
		if t.Failed() {
			t.Fatalf("the trace: %q", data)
		}
	}
	if whole < rounds/20 || whole > rounds/2 {
		t.Errorf("%d of %d damaged traces are whole to both", whole, rounds)
	}
}

// FuzzDecoders is TestDamagedTraces with damage of the fuzzer's choice.
func FuzzDecoders(f *testing.F) {
	for _, data := range seeds(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) { compareDamaged(t, data) })
}
