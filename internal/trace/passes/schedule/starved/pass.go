package starved

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

const (
	// samplePeriod is that of runtime/pprof.
	samplePeriod = 10_000_000
	// fewSamples do not make a share; at 100 of them its standard deviation is a tenth.
	fewSamples = 100
	// starvedShare leaves room for the profiler's misses: on an idle machine a computing
	// program comes to 0.9 and more.
	starvedShare = 0.7
)

// pass is the state of the analysis.
type pass struct {
	tr *replay.Trace

	samples          int64
	ranFirst, ranEnd int64 // what had run at the first and the last sample
	first, last      int64
}

// New returns the pass of the rule cpu-starved.
func New(tr *replay.Trace) replay.Pass {
	p := &pass{tr: tr}
	return replay.Pass{
		Name:   "starved",
		Other:  p.other,
		Finish: p.finish,
	}
}

// other counts the samples of threads that run a goroutine.
func (p *pass) other(ev *stream.Event) {
	if ev.Kind != stream.CPUSample || ev.G == 0 {
		return
	}
	ran := p.tr.RanAll() // the runtime's own too: those are sampled as well
	if p.samples == 0 {
		p.first, p.ranFirst = ev.Time, ran
	}
	p.samples++
	p.last, p.ranEnd = ev.Time, ran
}

// onCore returns the share of the running time on a core, 0 if it is not known.
func (p *pass) onCore() float64 {
	ran := p.ranEnd - p.ranFirst
	if p.samples < fewSamples && ran < fewSamples*samplePeriod || p.samples < 2 || ran <= 0 {
		return 0
	}
	return min(1, float64((p.samples-1)*samplePeriod)/float64(ran))
}

func (p *pass) finish(rep *finding.Report) {
	share := p.onCore()
	if n := len(rep.Summary.Schedules); n > 0 {
		rep.Summary.Schedules[n-1].OnCore = share
	}
	if share == 0 || share >= starvedShare {
		return
	}
	ran := p.ranEnd - p.ranFirst
	rep.Findings = append(rep.Findings, finding.Finding{
		Rule: finding.RuleCPUStarved, Certainty: finding.Potential, Severity: finding.Warning,
		Title: fmt.Sprintf("running goroutines had a CPU core for %s of their time: the system ran other programs, or a CPU limit throttled this one",
			finding.FormatShare(share)),
		Resources: []finding.Resource{{Kind: finding.Processor}},
		Measures: []finding.Measure{
			finding.Share("on a core", share), {Name: "running", Value: float64(ran), Unit: finding.Nanos}, finding.Number("samples", p.samples),
			finding.Number("processors of Go", p.tr.MaxProcs),
		},
		LostNanos: int64((1 - share) * float64(ran)),
		Evidence: []finding.Evidence{{Source: p.tr.Input, Text: fmt.Sprintf(
			"%d CPU samples, one per 10 ms on a core, in %s during which goroutines ran for %s", p.samples, finding.FormatDuration(p.last-p.first), finding.FormatDuration(ran))}},
		Fix: finding.RuleCPUStarved.Fix(),
	})
}
