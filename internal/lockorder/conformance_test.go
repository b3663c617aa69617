package lockorder

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/internal/clock"
)

// verdict is what testdata/conformance/expected.json says of a trace.
type verdict struct {
	ID string `json:"id"`
	// Cycles is the number of cycles without order and without writer priority.
	Cycles         int   `json:"lock_dependency_cycles"`
	Possible       bool  `json:"really_possible"`
	PossibleWithGo *bool `json:"really_possible_go_writer_priority"`
}

// dated is the site of a request of a trace: when it was made.
type dated struct {
	epoch clock.Epoch
	past  *clock.Clock
}

// player feeds a trace into a graph, with the orders of fork and join, and with
// what a thread does while another one holds locks and waits for it.
type player struct {
	graph   Graph[dated]
	ordered bool
	threads map[string]*thread
	locks   map[string]LockID
	ticks   uint64
	cycles  []Cycle[dated]
	deps    []Dependency[dated]
	writers []Dependency[dated]
}

type thread struct {
	id       uint64
	past     *clock.Clock
	held     []Held[dated]
	requests []Dependency[dated]
	parent   []Held[dated] // what the parent held at the fork
}

func (p *player) thread(name string) *thread {
	if p.threads[name] == nil {
		p.threads[name] = &thread{id: uint64(len(p.threads)) + 1}
	}
	return p.threads[name]
}

func (p *player) lock(name string) LockID {
	if p.locks[name] == 0 {
		p.locks[name] = LockID(len(p.locks) + 1)
	}
	return p.locks[name]
}

// play does one line of a trace, as in "T1|acq(a)|3".
func (p *player) play(line string) error {
	name, rest, _ := strings.Cut(line, "|")
	op, operand, _ := strings.Cut(rest, "(")
	operand, _, ok := strings.Cut(operand, ")")
	if !ok {
		return fmt.Errorf("bad line %q", line)
	}
	t := p.thread(name)
	p.ticks++
	now := clock.Epoch{Goroutine: t.id, Tick: p.ticks}
	switch op {
	case "acq":
		p.request(t, Dependency[dated]{Goroutine: t.id, Lock: p.lock(operand), Mode: Exclusive, Site: dated{now, t.past}})
	case "racq":
		p.request(t, Dependency[dated]{Goroutine: t.id, Lock: p.lock(operand), Mode: Shared, Site: dated{now, t.past}})
	case "rel", "rrel":
		i := slices.IndexFunc(t.held, func(h Held[dated]) bool { return h.Lock == p.lock(operand) })
		t.held = slices.Delete(t.held, i, i+1)
	case "fork":
		child := p.thread(operand)
		child.past, child.parent = t.past.With(now), slices.Clone(t.held)
	case "join":
		child := p.thread(operand)
		t.past = clock.Join(t.past, child.past.With(clock.Epoch{Goroutine: child.id, Tick: p.ticks}))
		for _, d := range child.requests {
			d.Goroutine = t.id
			if d.Held = slices.Concat(child.parent, d.Held); len(child.parent) > 0 {
				p.add(d)
			}
		}
	case "r", "w":
	default:
		return fmt.Errorf("unknown operation in %q", line)
	}
	return nil
}

func (p *player) request(t *thread, d Dependency[dated]) {
	d.Held = slices.Clone(t.held)
	t.requests = append(t.requests, d)
	p.add(d)
	t.held = append(t.held, Held[dated]{Lock: d.Lock, Mode: d.Mode})
}

// add adds a request, and all requests of writers again: a writer that holds
// nothing counts only for locks that the graph knows.
func (p *player) add(d Dependency[dated]) {
	p.deps = append(p.deps, d)
	if d.Mode == Exclusive {
		p.writers = append(p.writers, d)
	}
	for _, d := range append([]Dependency[dated]{d}, p.writers...) {
		cycles, _ := p.graph.Add(d)
		p.cycles = append(p.cycles, cycles...)
	}
}

// results counts the cycles that may close, by kind.
func (p *player) results() (plain, written int) {
	for _, c := range p.cycles {
		switch {
		case c.Apart:
		case c.Writers != nil:
			written++
		default:
			plain++
		}
	}
	for _, d := range p.deps {
		for _, w := range p.writers {
			if _, yes := Recursion(d, w); yes && !(p.ordered && datedApart(&d, &w)) {
				written++
			}
		}
	}
	return plain, written
}

func datedApart(a, b *Dependency[dated]) bool {
	return a.Site.past.Knows(b.Site.epoch) || b.Site.past.Knows(a.Site.epoch)
}

func playFile(t *testing.T, path string, ordered bool) *player {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p := &player{ordered: ordered, threads: make(map[string]*thread), locks: make(map[string]LockID)}
	if ordered {
		p.graph.SetApart(datedApart)
	}
	for line := range strings.Lines(string(text)) {
		if err := p.play(strings.TrimSpace(line)); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	return p
}

// TestConformance plays each trace with and without its orders of fork and join.
func TestConformance(t *testing.T) {
	text, err := os.ReadFile("testdata/conformance/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var verdicts []verdict
	if err := json.Unmarshal(text, &verdicts); err != nil {
		t.Fatal(err)
	}
	// What the graph says against the method that the file's counts are of.
	better := map[string]int{
		"05": 0, // ordered by fork
		"06": 0, // ordered by join
		"11": 1, // the lock is held while the thread that asks is awaited
	}
	if files, _ := filepath.Glob("testdata/conformance/*.std"); len(files) != len(verdicts) || len(files) != 26 {
		t.Fatalf("%d traces, %d verdicts", len(files), len(verdicts))
	}
	for _, v := range verdicts {
		t.Run(v.ID, func(t *testing.T) {
			path := filepath.Join("testdata/conformance", v.ID+".std")
			plain, _ := playFile(t, path, false).results()
			if want := v.Cycles; plain != want && v.ID != "11" {
				t.Errorf("%d cycles, want %d", plain, want)
			}
			ordered, written := playFile(t, path, true).results()
			want, changed := better[v.ID]
			if !changed {
				want = v.Cycles
			}
			if ordered != want {
				t.Errorf("with order %d cycles, want %d", ordered, want)
			}
			if changed && (want > 0) != v.Possible {
				t.Errorf("the change makes it worse: possible %v", v.Possible)
			}
			if v.PossibleWithGo != nil && (ordered+written > 0) != *v.PossibleWithGo {
				t.Errorf("%d cycles and %d with writers, possible %v", ordered, written, *v.PossibleWithGo)
			}
		})
	}
}
