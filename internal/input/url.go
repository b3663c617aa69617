package input

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// DefaultTimeout is how long a server may take to answer in full, beyond the seconds that
// the URL asks for. A busy service takes some seconds to stop its world for a dump, and a
// large answer some more on a slow line.
const DefaultTimeout = time.Minute

// maxErrorBytes is how much of an error page is shown.
const maxErrorBytes = 200

// IsURL reports whether a name of an input is to be fetched.
func IsURL(name string) bool {
	return strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://")
}

// Seconds is the time that the page of a URL takes by its own words, as in
// /debug/pprof/trace?seconds=5; 0 if it says none.
func Seconds(u *url.URL) time.Duration {
	n, err := strconv.ParseFloat(u.Query().Get("seconds"), 64)
	if err != nil || !(n > 0) || n > 24*3600 {
		return 0
	}
	return time.Duration(n * float64(time.Second))
}

// body is the answer of a server. It ends with an error when the time is over: a limit on
// silence alone would never give up a server that sends a byte from time to time.
type body struct {
	io.ReadCloser
	name   string
	limit  time.Duration
	bytes  atomic.Int64 // that came
	timer  *time.Timer
	cancel context.CancelCauseFunc
	ctx    context.Context
}

// errLate is the cause of a cancelled request.
var errLate = errors.New("the time is over")

// Fetch asks for a URL and returns the body of the answer and its length, -1 if it is not
// known. A server that has not sent all of it within the limit and the seconds that the URL
// asks for is given up. The errors name the URL, without a password, and the next
// step. The caller closes the body.
func Fetch(ctx context.Context, rawURL string, limit time.Duration) (content io.ReadCloser, length int64, err error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, 0, fmt.Errorf("fetching %s: %w; want http://HOST:PORT/debug/pprof/PAGE", rawURL, errors.Unwrap(err))
	}
	name := u.Redacted()
	if u.Host == "" {
		return nil, 0, fmt.Errorf("fetching %s: it names no host; want http://HOST:PORT/debug/pprof/PAGE", name)
	}
	limit += Seconds(u)
	b := &body{name: name, limit: limit}
	b.ctx, b.cancel = context.WithCancelCause(ctx)
	b.timer = time.AfterFunc(limit, func() { b.cancel(errLate) })
	req, err := http.NewRequestWithContext(b.ctx, http.MethodGet, rawURL, nil)
	if err != nil {
		b.stop()
		return nil, 0, fmt.Errorf("fetching %s: %w", name, err)
	}
	req.Header.Set("User-Agent", "concdoctor")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		err = b.explain(err)
		b.stop()
		return nil, 0, err
	}
	b.ReadCloser = resp.Body
	if resp.StatusCode != http.StatusOK {
		err := explainStatus(name, resp)
		return nil, 0, errors.Join(err, b.Close())
	}
	return b, resp.ContentLength, nil
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.bytes.Add(int64(n))
	if err != nil && err != io.EOF {
		err = b.explain(err)
	}
	return n, err
}

func (b *body) stop() {
	b.timer.Stop()
	b.cancel(nil)
}

// Close gives the connection up, also in the middle.
func (b *body) Close() error {
	b.stop()
	return b.ReadCloser.Close()
}

// explain says why no answer came and what to do.
func (b *body) explain(err error) error {
	var dns *net.DNSError
	switch {
	case context.Cause(b.ctx) == errLate && b.bytes.Load() == 0:
		return fmt.Errorf("fetching %s: no data came for %v; allow more with --timeout, or ask for fewer seconds", b.name, b.limit)
	case context.Cause(b.ctx) == errLate:
		return fmt.Errorf("fetching %s: the answer was not complete after %v and %d bytes; allow more with --timeout, or ask for fewer seconds", b.name, b.limit, b.bytes.Load())
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("fetching %s: %w", b.name, context.Canceled)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("fetching %s: connection refused; check the host and the port of the service's pprof pages", b.name)
	case errors.As(err, &dns):
		return fmt.Errorf("fetching %s: unknown host %q; check its name", b.name, dns.Name)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("fetching %s: the answer was cut off; the service may have ended: %w", b.name, err)
	}
	var inner *url.Error
	if errors.As(err, &inner) {
		err = inner.Err // it repeats the URL, and its password
	}
	return fmt.Errorf("fetching %s: %w", b.name, err)
}

// explainStatus says what a status other than 200 means here.
func explainStatus(name string, resp *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBytes)) // the status is enough
	said := ""
	if first, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n"); first != "" && !strings.HasPrefix(first, "<") && IsText([]byte(first)) {
		said = " (" + strings.TrimSpace(first) + ")"
	}
	next := "look at it with a browser or curl"
	switch resp.StatusCode {
	case http.StatusNotFound:
		next = "the service must import _ \"net/http/pprof\" and serve http.DefaultServeMux there; an older Go lacks some profiles"
	case http.StatusUnauthorized, http.StatusForbidden:
		next = "log in: put user and password into the URL, or download it with curl and analyze the file"
	}
	return &StatusError{Code: resp.StatusCode, text: fmt.Sprintf("fetching %s: the server answered %s%s; %s", name, resp.Status, said, next)}
}

// StatusError says that a server answered, but not with the page.
type StatusError struct {
	Code int
	text string
}

func (e *StatusError) Error() string { return e.text }
