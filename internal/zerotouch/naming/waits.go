package naming

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockset"
)

// waits remembers what the source shows of waits.
type waits struct {
	sources  *lockset.Sources
	alone    map[finding.Frame]bool
	services map[lockset.Point]services
}

type services struct {
	lockset.Services
	known bool
}

// open makes the fields. The namer must be locked.
func (w *waits) open() {
	if w.sources == nil {
		*w = waits{lockset.New(nil), make(map[finding.Frame]bool), make(map[lockset.Point]services)}
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
