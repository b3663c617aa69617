//go:build !concdoctor_off

package agent

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/agent/snapshot"
	"github.com/concdoctor/concdoctor/internal/detect"
	"github.com/concdoctor/concdoctor/internal/detect/policy"
)

// Configure replaces all options, also those that the environment variable CONCDOCTOR has
// set. It may be called at any time by any goroutine. Detection that was switched off stays
// off.
func Configure(o Options) { detect.Configure(policy.Options(o)) }

// OnFinding calls f for each distinct finding from now on, one at a time, on a goroutine of
// its own: no lock of the agent or of the code at fault is held, so f may acquire any lock.
// If f panics, the agent recovers and writes so to standard error. The returned function
// ends the subscription.
func OnFinding(f func(finding.Finding)) (stop func()) { return detect.OnFinding(f) }

// Findings returns the distinct findings so far with their counts, worst first. The caller
// owns the slice.
func Findings() []finding.Finding { return detect.Findings() }

// Snapshot returns what the agent knows at this moment. It may be called at any time by any
// goroutine. The program goes on meanwhile; only the current stacks of goroutines need a
// stop of the world, so they are taken up to a number of goroutines: see
// [snapshot.Options].
func Snapshot(o snapshot.Options) *snapshot.Snapshot { return detect.Snapshot(o) }

// SetStatistics turns the statistics of hold and wait times on or off, as
// Options.Statistics does, and reports whether they were on. It keeps what was measured. It
// may be called at any time by any goroutine.
func SetStatistics(on bool) (was bool) { return detect.SetStatistics(on) }
