package demo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer"
)

// recordings are the files that a child leaves, with the means that they are. The
// trace shows most; profiles that say the same become evidence beside it.
var recordings = [...]struct {
	file string
	by   Means
}{
	{traceFile, ByTrace},
	{mutexFile, ByMutexProfile},
	{blockFile, ByBlockProfile},
	{goroutineFile, ByGoroutineProfile},
}

// analyze adds what package analyzer finds in the files that the child left. A
// program that crashed or was killed may have left none.
func (r *Run) analyze(ctx context.Context, dir string) error {
	var files []string
	for _, recording := range recordings {
		file := path(dir, recording.file)
		if _, err := os.Stat(file); err == nil {
			files = append(files, file)
		}
	}
	report, err := analyze(ctx, files)
	if err != nil {
		return err
	}
	for _, f := range report.Findings {
		by, also := means(&f)
		r.Sightings = append(r.Sightings, Sighting{By: by, Also: also, Finding: f})
	}
	if len(report.Summary.Schedules) > 0 {
		r.Schedule = &report.Summary.Schedules[0]
	}
	return nil
}

func analyze(ctx context.Context, files []string) (*finding.Report, error) {
	report, err := analyzer.Analyze(ctx, files, analyzer.Options{})
	if err != nil {
		return nil, fmt.Errorf("analyzing what the demo left: %w", err)
	}
	return report, nil
}

// means derives from the sources of its evidence what a finding was made from, and
// what else says the same.
func means(f *finding.Finding) (by Means, also []Means) {
	for _, e := range f.Evidence {
		for _, recording := range recordings {
			switch {
			case filepath.Base(e.Source) != recording.file, recording.by == by:
			case by == "":
				by = recording.by
			default:
				also = append(also, recording.by)
			}
		}
	}
	return by, also
}
