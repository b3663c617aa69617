package diagnosis

import (
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/dump"
	"github.com/concdoctor/concdoctor/internal/lockset"
	"github.com/concdoctor/concdoctor/internal/profile"
)

// standing is what a goroutine may do for others.
type standing uint8

const (
	// blocked goroutines wait for others.
	blocked standing = iota
	// moving goroutines go on by themselves: they run, sleep, or wait for the network, for
	// the system or for a timer.
	moving
	// listening goroutines wait for whatever comes from outside: a connection, a signal.
	listening
	// aside are goroutines of the runtime and of package testing: they do nothing for others.
	aside
)

// asides are calls that make a goroutine one of the runtime's or of package testing,
// whatever else is in its stack.
var asides = []string{
	"testing.(*M).startAlarm", "testing.(*T).Parallel", "testing.(*T).Run", "testing.(*B).run", "testing.(*B).Run", "testing.(*F).Fuzz",
	"testing.tRunner", "testing.runTests", "testing.runFuzz", "testing.(*testState)", "testing.(*testContext)",
	"runtime.ensureSigM", "runtime.runFinalizers", "runtime.runCleanups",
}

// acceptors and signalers are calls in which a goroutine waits for what comes from outside.
var (
	acceptors = []string{"net.(*TCPListener).", "net.(*UnixListener).", "net.(*netFD).accept", "internal/poll.(*FD).Accept"}
	signalers = []string{"os/signal.signal_recv", "os/signal.loop"}
)

// pipes are methods in which a goroutine waits for the one at the other end of a pipe in
// memory.
var pipes = []string{"io.(*pipe).", "net.(*pipe)."}

// chance says whether a wait may end by itself.
type chance uint8

const (
	never chance = iota
	// unknown: the source is not at hand.
	unknown
	// may: the source has a case for it.
	may
)

// stand returns what the goroutine may do for others. brief says whether a timer, a context
// or a signal may end its wait.
func (j *judging) stand(g *goroutine) (s standing, brief chance) {
	switch {
	case g.isSystem(), startsWithAny(g.Stack.Site().Func, asides):
		return aside, never
	case hasCall(g.Stack, acceptors), hasCall(g.Stack, signalers):
		return listening, never
	case !g.role.CanLeak() && g.role != profile.Once:
		return moving, never
	case g.role == profile.Select || g.role == profile.Receive:
		return j.standInChannel(g)
	}
	return blocked, never
}

// standInChannel looks at the source for a case that comes by itself.
func (j *judging) standInChannel(g *goroutine) (s standing, brief chance) {
	switch {
	case g.isNil(), g.hasNoCases():
		return blocked, never
	case g.Stack.Site().IsStandard() && (j.timedOut() || startsWithAny(g.Stack.Site().Func, pipes)):
		return blocked, may
	case g.Stack.Site().IsStandard(): // for the network, as a rule
		return moving, may
	}
	facts, known := j.facts(g, g.site())
	if !known {
		if g.role == profile.Select || j.signals {
			return blocked, may
		}
		return blocked, unknown
	}
	for _, c := range facts.Cases {
		if c.Timer {
			return moving, may
		}
		if strings.HasSuffix(c.Expr, ".Done()") || j.signals && j.notifies(g, c.Object) {
			brief = may
		}
	}
	return blocked, brief
}

// notifies reports whether the channel is one that a signal is sent on.
func (j *judging) notifies(g *goroutine, channel lockset.Object) bool {
	uses, known := j.opts.Sources.UsesOf(g.Stack[g.site()])
	return !known || channel.Class == "" || slices.ContainsFunc(uses.Notified, func(o lockset.Object) bool { return o.Class == channel.Class }) ||
		!channel.Local // a field: another function may have asked for signals
}

func startsWithAny(name string, starts []string) bool {
	for _, s := range starts {
		if strings.HasPrefix(name, s) {
			return true
		}
	}
	return false
}

func hasCall(stack finding.Stack, starts []string) bool {
	for _, f := range stack {
		if startsWithAny(f.Func, starts) {
			return true
		}
	}
	return false
}

// handlesSignals reports whether the process waits for signals.
func (d *Dump) handlesSignals() bool {
	return slices.ContainsFunc(d.goroutines, func(g goroutine) bool { return hasCall(g.Stack, signalers) })
}

// isMain reports whether it is the goroutine that runs main.
func (g *goroutine) isMain() bool { return g.ID == dump.MainID }
