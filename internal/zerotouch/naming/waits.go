package naming

import (
	"path/filepath"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockset"
)

// waits remembers what the source shows of waits.
type waits struct {
	sources  *lockset.Sources
	alone    map[finding.Frame]bool
	both     map[finding.Frame]bool
	services map[lockset.Point]answer[lockset.Services]
	does     map[finding.Frame]answer[*lockset.Does]
	needs    map[lockset.Point]answer[lockset.Needs]
	imports  map[string]answer[[]string] // by directory
}

// answer is what the source shows, if it does.
type answer[T any] struct {
	is    T
	known bool
}

// answered makes one value of both that a function returns.
func answered[K, T any](ask func(K) (T, bool)) func(K) answer[T] {
	return func(key K) (a answer[T]) {
		a.is, a.known = ask(key)
		return a
	}
}

// remember asks once for each key.
func remember[K comparable, T any](all map[K]T, key K, ask func(K) T) T {
	is, asked := all[key]
	if !asked {
		is = ask(key)
		all[key] = is
	}
	return is
}

// open makes the fields. The namer must be locked.
func (w *waits) open() {
	if w.sources == nil {
		*w = waits{
			sources: lockset.New(nil), alone: make(map[finding.Frame]bool), both: make(map[finding.Frame]bool),
			services: make(map[lockset.Point]answer[lockset.Services]), does: make(map[finding.Frame]answer[*lockset.Does]),
			needs: make(map[lockset.Point]answer[lockset.Needs]), imports: make(map[string]answer[[]string]),
		}
	}
}

// WaitsAlone reports whether the source shows that the line at the frame waits for what
// nothing but its function has: see [lockset.Sources.WaitsAlone].
func (n *Namer) WaitsAlone(at finding.Frame) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waits.open()
	return remember(n.waits.alone, at, n.waits.sources.WaitsAlone)
}

// DoesBoth reports whether the function of the frame may do both sides of a channel that its
// line waits on, as far as the source shows it.
func (n *Namer) DoesBoth(at finding.Frame) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waits.open()
	return remember(n.waits.both, at, n.waits.sources.DoesBoth)
}

// ServicesOf returns the functions that alone could end the wait of a goroutine which sends or
// receives at the frame, where the source shows all: see [lockset.Sources.ServicesOf]. Is tells of
// a goroutine's first function, and the go statement that created it, whether it runs one.
func (n *Namer) ServicesOf(at finding.Frame, mode finding.Mode) (is func(start, created finding.Frame) bool, known bool) {
	if at.IsStandard() {
		return nil, false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waits.open()
	p := lockset.Point{Frame: at, Op: lockset.Receive}
	if mode == finding.Send {
		p.Op = lockset.Send
	}
	s := remember(n.waits.services, p, answered(n.waits.sources.ServicesOf))
	return func(start, created finding.Frame) bool {
		n.mu.Lock()
		defer n.mu.Unlock()
		return s.is.Has(start, created)
	}, s.known
}

// DoesOf returns what a goroutine can do that ends waits: see [lockset.Sources.DoesOf].
func (n *Namer) DoesOf(created finding.Frame) (*lockset.Does, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waits.open()
	d := remember(n.waits.does, created, answered(n.waits.sources.DoesOf))
	return d.is, d.known
}

// NeedsOf returns what ends the wait at the point: see [lockset.Sources.NeedsOf].
func (n *Namer) NeedsOf(p lockset.Point) (lockset.Needs, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waits.open()
	found := remember(n.waits.needs, p, answered(n.waits.sources.NeedsOf))
	return found.is, found.known
}

// Imports returns what the packages in the directory of the frame import: see
// [lockset.Sources.Imports].
func (n *Namer) Imports(at finding.Frame) (paths []string, known bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waits.open()
	found := remember(n.waits.imports, filepath.Dir(at.File), func(string) answer[[]string] {
		return answered(n.waits.sources.Imports)(at)
	})
	return found.is, found.known
}
