//go:build !concdoctor_off

package agent

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/agent/snapshot"
	"github.com/concdoctor/concdoctor/internal/detect"
	"github.com/concdoctor/concdoctor/internal/detect/policy"
)

// Configure says what becomes of findings from now on. It replaces all options,
// those of the environment variable CONCDOCTOR too, and may be called at any
// time from any goroutine. Detection that was switched off stays off.
func Configure(o Options) { detect.Configure(policy.Options(o)) }

// OnFinding calls f for each distinct finding from now on, one at a time, on a
// goroutine of its own: outside all locks of the agent and of the code at fault,
// so f may lock whatever it likes. A panic of f is contained and said on standard
// error. The returned function takes f back.
func OnFinding(f func(finding.Finding)) (stop func()) { return detect.OnFinding(f) }

// Findings returns each distinct finding so far with its count, worst first. The
// caller owns the slice.
func Findings() []finding.Finding { return detect.Findings() }

// Snapshot returns what the agent knows at this moment. It may be called at any time
// from any goroutine. Locks of the program go on meanwhile; only current stacks need
// all goroutines to stop, and so are taken of a bounded number: see [snapshot.Options].
func Snapshot(o snapshot.Options) *snapshot.Snapshot { return detect.Snapshot(o) }

// SetStatistics switches the statistics of hold and wait times on or off and
// reports whether they were on. What was measured stays. It is Options.Statistics
// on its own, and may be called at any time from any goroutine.
func SetStatistics(on bool) (was bool) { return detect.SetStatistics(on) }
