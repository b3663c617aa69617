package analyzer

import (
	"context"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/load"
	"github.com/concdoctor/concdoctor/internal/trace/passes/annotation"
	"github.com/concdoctor/concdoctor/internal/trace/passes/contention"
	"github.com/concdoctor/concdoctor/internal/trace/passes/leak"
	"github.com/concdoctor/concdoctor/internal/trace/passes/loop"
	"github.com/concdoctor/concdoctor/internal/trace/passes/path"
	"github.com/concdoctor/concdoctor/internal/trace/passes/schedule"
	"github.com/concdoctor/concdoctor/internal/trace/passes/schedule/latency"
	"github.com/concdoctor/concdoctor/internal/trace/passes/schedule/oversubscribed"
	"github.com/concdoctor/concdoctor/internal/trace/passes/schedule/sequential"
	"github.com/concdoctor/concdoctor/internal/trace/passes/schedule/serialized"
	"github.com/concdoctor/concdoctor/internal/trace/passes/schedule/starved"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
)

// traceLanes are the checks that a trace goes through, in the order in which they see
// its events and write into the report: two lanes of about equal cost, each in a
// goroutine. They know nothing of each other.
var traceLanes = [...][]func(*replay.Trace) replay.Pass{
	{
		schedule.New, // first: others add to its summary
		annotation.New,
		contention.New,
		leak.New,
		loop.New,
	},
	{
		oversubscribed.New,
		serialized.New,
		sequential.New,
		latency.New, // after oversubscribed, of which it may be a consequence
		starved.New,
	},
}

// analyzeTrace replays an execution trace through the passes into rep. A trace that
// breaks off is analyzed as far as it goes, with a warning on the report.
func analyzeTrace(ctx context.Context, in *load.Input, rep *finding.Report, regions []string) error {
	src, err := load.NewTraceReader(in)
	if err != nil {
		return err
	}
	defer src.Close()
	lanes := make([]replay.Lane, len(traceLanes))
	for i, passes := range traceLanes {
		lanes[i].Trace = replay.New(in.Name)
		for _, pass := range passes {
			lanes[i].Passes = append(lanes[i].Passes, pass(lanes[i].Trace))
		}
	}
	lanes[0].Passes = append(lanes[0].Passes, path.New(regions...)(lanes[0].Trace))
	if err := replay.Run(ctx, src, rep, lanes...); err != nil {
		return err
	}
	if loss := src.Loss(); loss != "" {
		rep.Warn(in.Name, "%s", loss)
	}
	rep.Inputs = append(rep.Inputs, finding.Input{
		Name: in.Name, Kind: in.Kind.String(), Bytes: in.Bytes(), Events: src.Events(), Nanos: src.Nanos(),
	})
	return nil
}
