package diagnosis

import (
	"github.com/concdoctor/concdoctor/internal/dump"
	"github.com/concdoctor/concdoctor/internal/profile"
)

// Dump is a dump with what each of its goroutines waits for.
type Dump struct {
	*dump.Dump
	goroutines []goroutine
	// anonymous says that the goroutines have no ids: they come from a profile.
	anonymous bool
}

// goroutine is a goroutine of the dump.
type goroutine struct {
	*dump.Goroutine
	// role is what it waits for.
	role profile.Role
	// wrappers are how many of the calls behind package sync's are those of locks that are made of
	// others: see lockset.IsWrapper.
	wrappers int
	// more counts goroutines of a profile that are just like it, and are not kept.
	more int64
}

// New returns the dump, ready to be judged. It shares d, which must not change.
func New(d *dump.Dump) *Dump {
	all := make([]goroutine, len(d.Goroutines))
	for i := range d.Goroutines {
		g := &d.Goroutines[i]
		all[i] = goroutine{Goroutine: g, role: roleOf(g)}
	}
	return &Dump{Dump: d, goroutines: all}
}

// isNil reports whether it waits for a channel that is nil, for ever.
func (g *goroutine) isNil() bool {
	return g.State == "chan receive (nil chan)" || g.State == "chan send (nil chan)"
}

// isUsers reports whether the user's code has part in what it does.
func (g *goroutine) isUsers() bool {
	for _, f := range g.Stack {
		if !f.IsMachinery() && !f.IsStandard() {
			return true
		}
	}
	return !g.Created.IsZero() && !g.Created.IsMachinery() && !g.Created.IsStandard()
}

// isSystem reports whether it is one of the runtime's own.
func (g *goroutine) isSystem() bool {
	for _, f := range g.Stack {
		if !f.IsMachinery() {
			return false
		}
	}
	return g.ID != dump.MainID && (g.Created.IsZero() || g.Created.IsMachinery())
}
