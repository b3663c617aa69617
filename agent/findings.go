//go:build !concdoctor_off

package agent

import "github.com/concdoctor/concdoctor/agent/finding"

// Configure says what becomes of findings from now on. It replaces all options,
// those of the environment variable CONCDOCTOR too, and may be called at any
// time from any goroutine. Detection that was switched off stays off.
func Configure(o Options) {
	std.sink.configure(o)
	std.watch.configured()
	SetStatistics(o.Statistics)
	if o.Off {
		std.switchOff()
	}
}

// OnFinding calls f for each distinct finding from now on, one at a time, on a
// goroutine of its own: outside all locks of the agent and of the code at fault,
// so f may lock whatever it likes. A panic of f is contained and said on standard
// error. The returned function takes f back.
func OnFinding(f func(finding.Finding)) (stop func()) { return std.sink.watch(f) }

// Findings returns each distinct finding so far with its count, worst first. The
// caller owns the slice.
func Findings() []finding.Finding { return std.sink.findings() }
