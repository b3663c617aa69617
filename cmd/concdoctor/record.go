package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/concdoctor/concdoctor/analyzer/record"
	"github.com/concdoctor/concdoctor/internal/scratch"
)

func recordCommand() *command {
	return &command{
		name:  "record",
		args:  "URL",
		short: "fetch a trace, profiles and a dump from a running service and analyze them",
		long: `Record fetches from the pprof pages of a service, which must import net/http/pprof: an
execution trace with the mutex and block profiles of the same time, then a goroutine dump
and the goroutineleak profile. It analyzes them together. The URL is that of the service
or of its pprof pages; HOST:PORT is enough.

Pages that the service does not have are skipped with a note. An interrupt ends the
recording; with --save, what was fetched until then is kept.

  concdoctor record --time 10s http://localhost:6060
  concdoctor record --save before localhost:6060
  concdoctor analyze --base before/trace.out --base before/goroutines.txt after/*`,
		words: func() []string { return nil },
		setup: func(flags *pflag.FlagSet) action {
			r := recording{}
			flags.DurationVar(&r.time, "time", 5*time.Second, "how long to trace")
			flags.StringVar(&r.save, "save", "", "keep what was fetched in this `directory`, which is created")
			r.analyze = newAnalyze(flags)
			return r.run
		},
	}
}

// recording is the flags of the command.
type recording struct {
	time    time.Duration
	save    string
	dir     string // that the files go to
	analyze *analyze
}

func (r *recording) run(ctx context.Context, std *streams, args []string) error {
	switch {
	case len(args) != 1:
		return usagef("record", "want one URL, got %d", len(args))
	case r.time < 100*time.Millisecond || r.time > time.Hour:
		return usagef("record", "--time: want 100ms to 1h, got %v", r.time)
	}
	root, err := record.Root(args[0])
	if err != nil {
		return usagef("record", "%v", err)
	}
	if err := r.analyze.check("record", std); err != nil {
		return err
	}
	done, err := r.makeDirectory()
	if err != nil {
		return err
	}
	pages, err := r.fetch(ctx, std, root)
	files, failed := r.sort(std, pages)
	if err != nil {
		if errors.Is(err, context.Canceled) && r.save != "" && len(files) > 0 {
			std.say("what was fetched is kept: concdoctor analyze %s", strings.Join(files, " "))
		}
		return errors.Join(err, done())
	}
	err = r.analyze.analyze(ctx, std, files)
	if err == nil || err == errFindings {
		if wrong := errors.Join(failed, done()); wrong != nil {
			return wrong
		}
		return err
	}
	return errors.Join(err, failed, done())
}

// makeDirectory makes the directory that the files go to, and returns what to do with it at
// the end.
func (r *recording) makeDirectory() (done func() error, err error) {
	if r.save != "" {
		r.dir = r.save
		return func() error { return nil }, os.MkdirAll(r.dir, 0o777)
	}
	made, err := scratch.Make("record")
	if err != nil {
		return nil, err
	}
	r.dir = made.Path
	return made.Remove, nil
}

func (r *recording) fetch(ctx context.Context, std *streams, root *url.URL) ([]record.Page, error) {
	line, shown := newProgress(std.err), root.Redacted()
	if !line.terminal {
		writeMessage(std.err, "", fmt.Sprintf("recording %s for %v", shown, r.time))
	}
	defer line.clear()
	return record.Fetch(ctx, root.String(), record.Options{
		Dir: r.dir, Time: r.time, Timeout: r.analyze.timeout,
		Progress: func(elapsed time.Duration, bytes int64) {
			if line.terminal {
				line.show(fmt.Sprintf("recording %s: %.0f of %.0f s, %s", shown, min(elapsed, r.time).Seconds(), r.time.Seconds(), size(bytes)))
			}
		},
	})
}

// sort writes a line for each page that the service does not have, and returns the files
// that were fetched and the errors of the others: a missing page is no failure.
func (r *recording) sort(std *streams, pages []record.Page) (files []string, failed error) {
	r.analyze.names = make(map[string]string)
	for _, p := range pages {
		if p.File != "" {
			files = append(files, p.File)
			if r.save == "" {
				r.analyze.names[p.File] = filepath.Base(p.File) + " of " + p.URL
			}
		}
		switch {
		case p.Err == nil, errors.Is(p.Err, context.Canceled):
		case p.IsMissing():
			writeMessage(std.err, "", "left out, as the service does not have it: "+p.URL)
		default:
			failed = errors.Join(failed, p.Err)
		}
	}
	return files, failed
}
