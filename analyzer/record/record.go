package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/concdoctor/concdoctor/internal/input"
	"github.com/concdoctor/concdoctor/internal/progress"
)

// Options are the choices of one recording.
type Options struct {
	// Dir is the directory that the files go to; it exists.
	Dir string
	// Time is how long trace and profiles run; 0 or less is five seconds.
	Time time.Duration
	// Timeout is how long each answer may take beyond that; 0 is a minute.
	Timeout time.Duration
	// Progress, if not nil, is called a few times a second from one goroutine, never
	// after Fetch returned, with the bytes that came so far.
	Progress func(elapsed time.Duration, bytes int64)
}

const defaultTime = 5 * time.Second

// Page is one page of the service and the file that holds it.
type Page struct {
	// URL is where it was fetched, without a password.
	URL string
	// File is its path, "" if nothing came.
	File  string
	Bytes int64
	// Err is why it could not be fetched as a whole; File may hold a part then.
	Err error
}

// IsMissing reports whether the service does not have the page at all.
func (p *Page) IsMissing() bool {
	var status *input.StatusError
	return errors.As(p.Err, &status) && status.Code == http.StatusNotFound
}

// page is a page below /debug/pprof/.
type page struct {
	path, file string
	// timed pages take the time of the recording.
	timed bool
	// usable says that a part of it can be analyzed.
	usable bool
}

var pages = []page{
	{"trace", "trace.out", true, true},
	{"mutex", "mutex.pb.gz", true, false},
	{"block", "block.pb.gz", true, false},
	{"goroutine?debug=2", "goroutines.txt", false, true},
	{"goroutineleak", "goroutineleak.pb.gz", false, false},
}

// Root returns the pprof pages' root for what a user may give: the URL of the service,
// of its pprof pages, or HOST:PORT.
func Root(service string) (*url.URL, error) {
	if !input.IsURL(service) {
		if strings.Contains(service, "://") {
			return nil, fmt.Errorf("recording %s: want an http or https URL, as in http://localhost:6060", service)
		}
		service = "http://" + service
	}
	u, err := url.Parse(service)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("recording %s: want the URL of a service, as in http://localhost:6060", service)
	}
	u.RawQuery, u.Fragment = "", ""
	if u.Path = strings.TrimSuffix(u.Path, "/"); u.Path == "" {
		u.Path = "/debug/pprof"
	}
	return u, nil
}

// Fetch fetches all pages of the service into files of opts.Dir. It returns a Page for
// each, in a fixed order, however it went; the error is that of a cancelled ctx or
// of a service that gave nothing at all.
func Fetch(ctx context.Context, service string, opts Options) ([]Page, error) {
	root, err := Root(service)
	if err != nil {
		return nil, err
	}
	if opts.Time <= 0 {
		opts.Time = defaultTime
	}
	if opts.Timeout <= 0 {
		opts.Timeout = input.DefaultTimeout
	}
	f := &fetcher{root: root, opts: opts}
	stop := f.watch()
	defer stop()
	got := make([]Page, len(pages))
	for _, timed := range []bool{true, false} {
		f.round(ctx, timed, got)
	}
	return got, f.verdict(ctx, got)
}

// fetcher is one recording.
type fetcher struct {
	root  *url.URL
	opts  Options
	bytes atomic.Int64
}

// round fetches the pages that are timed or not, side by side.
func (f *fetcher) round(ctx context.Context, timed bool, got []Page) {
	var group sync.WaitGroup
	for i, p := range pages {
		if p.timed == timed {
			group.Go(func() { got[i] = f.page(ctx, p) })
		}
	}
	group.Wait()
}

// verdict is the error of the whole.
func (f *fetcher) verdict(ctx context.Context, got []Page) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var errs []error
	for _, p := range got {
		if p.Err == nil {
			return nil
		}
		errs = append(errs, p.Err)
	}
	return errs[0] // the others say the same
}

// page fetches one page. A part that is of no use alone is removed.
func (f *fetcher) page(ctx context.Context, p page) Page {
	path, query, _ := strings.Cut(p.path, "?")
	u := *f.root
	u.Path += "/" + path
	u.RawQuery = query
	if p.timed {
		u.RawQuery = fmt.Sprintf("seconds=%g", f.seconds(path))
	}
	got := Page{URL: u.Redacted(), File: filepath.Join(f.opts.Dir, p.file)}
	got.Bytes, got.Err = f.save(ctx, u.String(), got.File)
	if got.Bytes == 0 || got.Err != nil && !p.usable {
		_ = os.Remove(got.File) // it may never have been made
		got.File, got.Bytes = "", 0
	}
	return got
}

// seconds is the time to ask a page for: all but the trace want whole seconds.
func (f *fetcher) seconds(path string) float64 {
	if s := f.opts.Time.Seconds(); path == "trace" {
		return s
	} else {
		return max(1, math.Round(s))
	}
}

func (f *fetcher) save(ctx context.Context, from, to string) (n int64, err error) {
	content, _, err := input.Fetch(ctx, from, f.opts.Timeout)
	if err != nil {
		return 0, err
	}
	defer content.Close() // only read from
	file, err := os.Create(to)
	if err != nil {
		return 0, fmt.Errorf("saving: %w", err)
	}
	n, err = io.Copy(file, &counted{content, &f.bytes})
	return n, errors.Join(err, file.Close())
}

// counted counts what is read through it.
type counted struct {
	r io.Reader
	n *atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// watch reports the progress until the returned function is called.
func (f *fetcher) watch() (stop func()) {
	if f.opts.Progress == nil {
		return func() {}
	}
	start := time.Now()
	return progress.Watch(func() { f.opts.Progress(time.Since(start), f.bytes.Load()) })
}
