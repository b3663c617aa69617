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
	services map[lockset.Point]services
	does     map[finding.Frame]does
	needs    map[lockset.Point]needs
	imports  map[string]imports // by directory
}

type services struct {
	lockset.Services
	known bool
}

type does struct {
	*lockset.Does
	known bool
}

type needs struct {
	lockset.Needs
	known bool
}

type imports struct {
	paths []string
	known bool
}

// open makes the fields. The namer must be locked.
func (w *waits) open() {
	if w.sources == nil {
		*w = waits{
			lockset.New(nil), make(map[finding.Frame]bool), make(map[finding.Frame]bool), make(map[lockset.Point]services),
			make(map[finding.Frame]does), make(map[lockset.Point]needs), make(map[string]imports),
		}
	}
}

// WaitsAlone reports whether the source shows that the line at the frame waits for what
// nothing but its function has: see [lockset.Sources.WaitsAlone].
func (n *Namer) WaitsAlone(at finding.Frame) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waits.open()
	is, known := n.waits.alone[at]
	if !known {
		is = n.waits.sources.WaitsAlone(at)
		n.waits.alone[at] = is
	}
	return is
}

// DoesBoth reports whether the function of the frame may do both sides of a channel that its
// line waits on, as far as the source shows it.
func (n *Namer) DoesBoth(at finding.Frame) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waits.open()
	both, asked := n.waits.both[at]
	if !asked {
		both = n.waits.sources.DoesBoth(at)
		n.waits.both[at] = both
	}
	return both
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
	s, asked := n.waits.services[p]
	if !asked {
		s.Services, s.known = n.waits.sources.ServicesOf(p)
		n.waits.services[p] = s
	}
	return func(start, created finding.Frame) bool {
		n.mu.Lock()
		defer n.mu.Unlock()
		return s.Has(start, created)
	}, s.known
}

// DoesOf returns what a goroutine can do that ends waits: see [lockset.Sources.DoesOf].
func (n *Namer) DoesOf(created finding.Frame) (*lockset.Does, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waits.open()
	d, asked := n.waits.does[created]
	if !asked {
		d.Does, d.known = n.waits.sources.DoesOf(created)
		n.waits.does[created] = d
	}
	return d.Does, d.known
}

// NeedsOf returns what ends the wait at the point: see [lockset.Sources.NeedsOf].
func (n *Namer) NeedsOf(p lockset.Point) (lockset.Needs, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waits.open()
	found, asked := n.waits.needs[p]
	if !asked {
		found.Needs, found.known = n.waits.sources.NeedsOf(p)
		n.waits.needs[p] = found
	}
	return found.Needs, found.known
}

// Imports returns what the packages in the directory of the frame import: see
// [lockset.Sources.Imports].
func (n *Namer) Imports(at finding.Frame) (paths []string, known bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waits.open()
	dir := filepath.Dir(at.File)
	found, asked := n.waits.imports[dir]
	if !asked {
		found.paths, found.known = n.waits.sources.Imports(at)
		n.waits.imports[dir] = found
	}
	return found.paths, found.known
}
