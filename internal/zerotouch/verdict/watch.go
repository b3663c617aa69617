package verdict

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/zerotouch/naming"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// DefaultInterval is how long a Watcher rests between two looks.
const DefaultInterval = 250 * time.Millisecond

// twice is the pause between the two readings that a hang must survive.
const twice = 20 * time.Millisecond

// Watcher follows the tapes in a directory: those of a program and of all processes that
// it starts. Its methods are not for concurrent use.
type Watcher struct {
	opts   Options
	dir    string
	namer  naming.Namer
	cancel context.CancelFunc
	aside  *aside
	ended  chan struct{}

	// The loop alone uses what follows until it has ended.
	tapes map[string]*followed
	order []*followed
	// programs are the names of executables.
	programs map[string]string
	errs     map[string]error
	// places are the report's.
	places []finding.Frame
}

// followed is one tape.
type followed struct {
	path string
	file *tape.File
	// program is its name, "" if it was not known when the tape appeared.
	program string
	// over says that the process has ended: there is no more to look at before Finish.
	over  bool
	hangs map[string]*sighting // by fingerprint
	asks  asker
	still standstill
	// stood says that OnLasting was called since nothing happens.
	stood bool
	// long is what was said of locks that are held for long, by fingerprint.
	long   map[string]past
	motion motion
}

// isOver reports whether the process has ended, and marks when, if nothing else shows it.
func (f *followed) isOver() bool {
	if !f.over && f.file.IsGone() {
		f.file.MarkGone(time.Now())
		f.over = true
	}
	return f.over
}

// Watch begins to follow the tapes that are or appear in dir, until ctx is cancelled or
// Finish is called. The process that writes them is neither stopped nor slowed down.
func Watch(ctx context.Context, dir string, opts Options) *Watcher {
	ctx, cancel := context.WithCancel(ctx)
	w := &Watcher{
		opts: opts, dir: dir, cancel: cancel, ended: make(chan struct{}), aside: newAside(opts),
		tapes: make(map[string]*followed), programs: make(map[string]string), errs: make(map[string]error),
	}
	go w.follow(ctx)
	return w
}

// Finish ends the watch after the programs have ended and returns what their tapes show,
// one report of all. The report is never nil; the error joins one for each tape that
// could not be read. Finish is to be called once.
func (w *Watcher) Finish() (*finding.Report, error) {
	w.cancel()
	<-w.ended
	w.discover()
	c := newCollector(w.opts, &w.namer)
	var errs []error
	slices.SortStableFunc(w.order, func(a, b *followed) int { return cmp.Compare(a.program, b.program) })
	for _, f := range w.order {
		f.isOver()
		s, err := readLast(f.file, &w.namer)
		if err == nil {
			c.add(s, cmp.Or(f.program, programOf(s.Tape)), filepath.Base(f.path), f)
			if s.Full {
				err = errFull
			}
		}
		if err = errors.Join(err, f.file.Close()); err != nil {
			errs = append(errs, fmt.Errorf("reading %s: %w", f.path, err))
		}
	}
	for path, err := range w.errs {
		if isBlank(path) {
			c.rep.Warn(filepath.Base(path), "its process ended before it recorded anything, or found no room to")
			continue
		}
		errs = append(errs, err)
	}
	w.places = c.places.list
	rep, err := c.report()
	return rep, errors.Join(append(errs, err)...)
}

// Places are lines of the programs at which it may matter which goroutine comes first, for a hunt to
// hold goroutines back there, the more telling first. They are known after Finish.
func (w *Watcher) Places() []finding.Frame { return w.places }

func (w *Watcher) follow(ctx context.Context) {
	defer close(w.ended)
	interval := w.opts.Interval
	if interval <= 0 {
		interval = DefaultInterval
	}
	rest, pace := interval, newPace(interval)
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(rest):
		}
		pace.begin()
		w.discover()
		for _, f := range w.order {
			if !f.isOver() && w.opts.OnHang != nil {
				w.look(ctx, f)
			}
		}
		rest = pace.rest()
	}
}

// discover opens the tapes that are new. One that cannot be read yet is tried again: its
// process may be about to make it.
func (w *Watcher) discover() {
	entries, err := os.ReadDir(w.dir)
	if err != nil {
		w.errs[w.dir] = fmt.Errorf("looking for tapes: %w", err)
		return
	}
	delete(w.errs, w.dir)
	for _, e := range entries {
		path := filepath.Join(w.dir, e.Name())
		if w.tapes[path] != nil || e.IsDir() {
			continue
		}
		f, err := w.open(path)
		if err != nil {
			w.errs[path] = err
			continue
		}
		delete(w.errs, path)
		w.tapes[path] = f
		w.order = append(w.order, f)
	}
}

// isBlank reports whether a file is there that nothing was written to yet.
func isBlank(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	head := make([]byte, 16)
	n, err := io.ReadFull(file, head)
	return (err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)) && bytes.Count(head[:n], []byte{0}) == n
}

// open also asks the executable for its name, which go test removes when it is done.
func (w *Watcher) open(path string) (*followed, error) {
	file, err := tape.Open(path)
	if err != nil {
		return nil, err
	}
	file.Watch()
	executable := file.Executable()
	program, known := w.programs[executable]
	if !known {
		program = builtFrom(executable)
		w.programs[executable] = program
	}
	return &followed{path: path, file: file, program: program, hangs: make(map[string]*sighting), long: make(map[string]past)}, nil
}

// sighting is a hang that was seen in a program that runs.
type sighting struct {
	// since is when it was first seen as it is: steps is how far each of its goroutines had
	// come.
	since int64
	steps map[uint64]uint64
	// headline is the finding's.
	headline string
	// reported and lasted say that OnHang and OnLasting were called.
	reported, lasted bool
}

func (s *sighting) begin(h *hung, now int64) {
	s.since, s.steps = now, make(map[uint64]uint64, len(h.members))
	for _, g := range h.members {
		s.steps[g.ID] = g.Seq
	}
}

// isOf reports whether the same goroutines hang, and none has moved since.
func (s *sighting) isOf(h *hung) bool {
	return len(s.steps) == len(h.members) && !slices.ContainsFunc(h.members, func(g *tape.Goroutine) bool { return s.steps[g.ID] != g.Seq })
}

// look reports goroutines that hang in a program that runs. It reads the tape only if
// a goroutine has waited for so long that it pays, and again only if there are any: a hang
// must be there twice, without a step in between.
func (w *Watcher) look(ctx context.Context, f *followed) {
	if _, waits := f.file.State(w.opts.leastWait()); !waits {
		return
	}
	t, err := f.file.Read()
	if err != nil || t.End != tape.Running {
		return
	}
	f.motion.see(t)
	if f.asks.begin(t) { // before the source of packages is read, which calls for a longer rest
		return
	}
	seen := newScene(t, &w.namer)
	first := seen.hangs(w.opts.selfWait())
	if f.asks.ask(f.file, t, first, w.opts.selfWait()) {
		if t, err = f.file.Read(); err != nil || t.End != tape.Running {
			return
		}
		f.motion.see(t)
		seen = newScene(t, &w.namer)
		first = seen.hangs(w.opts.selfWait())
	}
	w.reportLong(f, seen, first)
	if len(first) == 0 {
		return
	}
	if lasting := w.opts.OnLasting; lasting != nil && !f.stood && f.still.lasted(t) >= stillLonger*int64(w.opts.Lasting) {
		f.stood = true
		lasting(cmp.Or(f.program, programOf(t)), first[0].Finding)
	}
	select {
	case <-ctx.Done():
		return
	case <-time.After(twice):
	}
	again, err := f.file.Read()
	if err != nil {
		return
	}
	now := newScene(again, &w.namer)
	for i := range first {
		if h := &first[i]; h.Certainty >= finding.Potential && now.isStill(h.members) {
			w.report(f, h, again)
		}
	}
}

// report hands on a hang at its first look, and once more when it has lasted.
func (w *Watcher) report(f *followed, h *hung, t *tape.Tape) {
	print := h.ComputeFingerprint()
	s := f.hangs[print]
	switch {
	case s == nil:
		s = new(sighting)
		f.hangs[print] = s
		fallthrough
	case !s.isOf(h):
		s.begin(h, t.Now)
	}
	h.Fingerprint, h.Count = print, 1
	program := cmp.Or(f.program, programOf(t))
	if !s.reported && !w.aside.has(&h.Finding) {
		s.reported, s.headline = true, h.Headline()
		w.opts.OnHang(program, h.Finding)
	}
	if w.opts.OnLasting != nil && !s.lasted && t.Now-s.since >= int64(w.opts.Lasting) {
		s.lasted = true
		w.opts.OnLasting(program, h.Finding)
	}
}

// isStill reports whether none of the goroutines has done anything since.
func (s *scene) isStill(who []*tape.Goroutine) bool {
	return !slices.ContainsFunc(who, func(g *tape.Goroutine) bool {
		now := s.living[g.ID]
		return now == nil || now.Seq != g.Seq || now.Wait == nil || now.Wait.Woken != g.Wait.Woken
	})
}
