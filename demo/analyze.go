package demo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer"
)

// analyze adds what package analyzer finds in the files that the child left. Each
// file is analyzed by itself, so that it is known what a finding was made from.
func (r *Run) analyze(ctx context.Context, dir string) error {
	for _, source := range []struct {
		file string
		by   Means
	}{
		{traceFile, ByTrace},
		{mutexFile, ByMutexProfile},
		{blockFile, ByBlockProfile},
		{goroutineFile, ByGoroutineProfile},
	} {
		report, err := analyzeFile(ctx, path(dir, source.file))
		if errors.Is(err, fs.ErrNotExist) {
			continue // the program crashed or was killed before it could write it
		}
		if err != nil {
			return err
		}
		for _, f := range report.Findings {
			r.Sightings = append(r.Sightings, Sighting{By: source.by, Finding: f})
		}
		if len(report.Summary.Schedules) > 0 {
			r.Schedule = &report.Summary.Schedules[0]
		}
	}
	return nil
}

func analyzeFile(ctx context.Context, file string) (*finding.Report, error) {
	if _, err := os.Stat(file); err != nil {
		return nil, fmt.Errorf("analyzing what the demo left: %w", err)
	}
	report, err := analyzer.Analyze(ctx, []string{file}, analyzer.Options{})
	if err != nil {
		return nil, fmt.Errorf("analyzing what the demo left: %w", err)
	}
	return report, nil
}
