package detect

// runAs runs f in the running goroutine, which was made for it. What it owes is paid
// when f has ended, also if it panics or calls runtime.Goexit.
func RunAs(d Debt, f func()) {
	g := Current()
	if g == nil { // detection is off
		f()
		return
	}
	g.begin(d)
	defer g.finish(g.identity(), d)
	f()
}

// finish notes that the goroutine with this id ends. What it holds it will never
// release.
//
//go:norace
func (g *Goroutine) finish(id uint64, d Debt) {
	if now := Current(); now != g {
		return // detection was switched off meanwhile
	}
	g.pay(d)
	std.watch.abandon(id, g.creator, g.snapshot())
	g.N, g.hash, g.errand, g.seed = 0, 0, nil, 0
	g.timeline.forget()
	g.gone.Store(id)
	std.states.ended(g, id)
}
