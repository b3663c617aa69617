//go:build !concdoctor_off

package agent

import (
	"github.com/concdoctor/concdoctor/internal/detect"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
)

// close closes the channel, and reports it if it is closed already.
func (p *pipe) close() { p.engine.Close(func() { close(p.items) }) }

// useCases notes that the running goroutine uses the channels of a Select, and
// returns its state, nil if it is not tracked.
func useCases(cases []Case) (g *goroutine) {
	if g = detect.Cached(gid.Pointer()); g == nil {
		if g = detect.Running(); g == nil {
			return nil
		}
	}
	for i := range cases {
		if c := &cases[i]; c.pipe != nil {
			c.pipe.engine.UsedBy(g, c.side())
		}
	}
	return g
}

// side is the side that the case uses.
func (c *Case) side() side {
	if c.kind == kindSend {
		return giving
	}
	return taking
}

// blockCases is blockSelect for the cases of a Select. g may be nil.
func blockCases(g *goroutine, cases []Case) {
	if g == nil {
		return
	}
	var few [detect.FewCases]detect.WaitCase
	list := few[:0]
	for i := range cases {
		switch c := &cases[i]; {
		case c.way == nil: // never ready
		case c.pipe == nil:
			list = append(list, detect.WaitCase{})
		default:
			list = append(list, c.pipe.engine.WaitFor(giving+taking-c.side()))
		}
	}
	g.BlockSelect(list)
}

// sendCasesPanic reports the send among the cases of a Select that panics.
func sendCasesPanic(cases []Case) {
	for i := range cases {
		if c := &cases[i]; c.kind == kindSend && c.pipe != nil && c.pipe.engine.IsClosed() {
			c.pipe.engine.SendPanics()
			return
		}
	}
}
