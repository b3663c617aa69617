package analyzer

import (
	"context"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/dump/diagnosis"
	"github.com/concdoctor/concdoctor/internal/format"
	"github.com/concdoctor/concdoctor/internal/lockset"
	"github.com/concdoctor/concdoctor/internal/lockwarn"
	"github.com/concdoctor/concdoctor/internal/profile"
	"github.com/concdoctor/concdoctor/internal/racelog"
	"github.com/concdoctor/concdoctor/internal/saved"
	"github.com/concdoctor/concdoctor/internal/trace/passes"
)

// Format is one kind of input that can be analyzed: its Name, and Help, which says in a
// phrase what is read. The other fields serve this module.
type Format = format.Format

// Formats is the table of the inputs that Analyze reads, with more rows of the caller's.
func Formats(more ...Format) []Format { return formats(nil, more) }

func formats(regions []string, more []Format) format.Table {
	return append(format.Table{
		passes.Format(regions...),
		profileFormat(),
		saved.Reports(),
		saved.Findings(),
		diagnosis.Format(),
		racelog.Format(),
		lockwarn.Format(),
	}, more...)
}

// profileFormat is the row of profiles. All are one format: only their stacks distinguish a
// mutex from a block profile.
func profileFormat() Format {
	return Format{
		Name:  "profile",
		Help:  "mutex, block, goroutine and goroutineleak profiles, protobuf or text",
		Sniff: profile.IsProfile,
		Read:  readProfile,
	}
}

func readProfile(_ context.Context, in *format.Input, to *format.Result) error {
	p, err := profile.Read(in.Input)
	if err != nil {
		return err
	}
	to.AddInput(finding.Input{
		Name: in.Name, Kind: string(p.Kind), Bytes: in.Bytes(), Events: int64(len(p.Samples)), Nanos: p.DurationNanos,
	})
	to.AddCounts(format.Counted{Profile: p, Judge: func(c format.Context) []finding.Finding {
		if p.Kind == profile.GoroutineKind || p.Kind == profile.LeakKind {
			return judgeGoroutines(p, c.Base, to.Report)
		}
		return p.Findings(c.Base)
	}})
	return nil
}

// judgeGoroutines judges a profile of goroutines, and adds to the report which of them are
// blocked.
func judgeGoroutines(p, base *profile.Profile, to *finding.Report) []finding.Finding {
	judged := diagnosis.JudgeProfile(p, base, lockset.New(nil))
	if judged.Blocked != nil {
		to.Blocked = append(to.Blocked, *judged.Blocked)
	}
	return judged.Findings
}
