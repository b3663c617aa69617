package passes

import (
	"context"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/format"
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
	"github.com/concdoctor/concdoctor/internal/trace/passes/still"
	"github.com/concdoctor/concdoctor/internal/trace/reader"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
)

// checks are the checks of a trace, by lane.
type checks [][]func(*replay.Trace) replay.Pass

// lanes returns the checks, in the order in which they see events and write into the report:
// two lanes of about equal cost, each in a goroutine. They know nothing of each other.
func lanes(regions []string) checks {
	return checks{
		{
			schedule.New, // first: others add to its summary
			annotation.New,
			contention.New,
			leak.New,
			loop.New,
			path.New(regions...),
		},
		{
			oversubscribed.New,
			serialized.New,
			sequential.New,
			latency.New, // after oversubscribed, of which it may be a consequence
			starved.New,
		},
	}
}

// Format is the traces' row in the table of formats. The critical path of the regions and
// tasks of these names is reported too.
func Format(regions ...string) format.Format {
	return format.Format{
		Name:  "execution trace",
		Help:  "Go execution traces",
		Sniff: reader.IsTrace,
		Read: func(ctx context.Context, in *format.Input, to *format.Result) error {
			watch := new(format.Watch)
			all := lanes(regions)
			all[1] = append(all[1], still.New(watch))
			err := all.read(ctx, in, to)
			if err == nil {
				to.Watches = append(to.Watches, watch)
			}
			return err
		},
	}
}

// read replays an execution trace through the checks. A trace that breaks off is analyzed
// as far as it goes, with a warning on the report.
func (c checks) read(ctx context.Context, in *format.Input, to *format.Result) error {
	src, err := reader.New(in.Input)
	if err != nil {
		return err
	}
	defer src.Close()
	all := make([]replay.Lane, len(c))
	for i, passes := range c {
		all[i].Trace = replay.New(in.Name)
		for _, pass := range passes {
			all[i].Passes = append(all[i].Passes, pass(all[i].Trace))
		}
	}
	if err := replay.Run(ctx, src, all...); err != nil {
		return err
	}
	for _, lane := range all {
		lane.Trace.Finish(to.Report)
	}
	if loss := src.Loss(); loss != "" {
		to.Report.WarnUnread(in.Name, "%s", loss)
	}
	to.AddInput(finding.Input{
		Name: in.Name, Kind: in.Kind, Bytes: in.Bytes(), Events: src.Events(), Nanos: src.Nanos(),
	})
	return nil
}
