package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long one step may take: a browser's start on a machine that has
// much else to do.
const patience = 2 * time.Minute

// names are what Chromium's program is called, by distribution.
var names = []string{"chromium", "chromium-browser", "google-chrome"}

// Page is a page that the browser shows. It is for the test's own goroutine.
type Page struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex // protects problems
	problems []string
}

// Open starts a browser and shows it the address, a file or an http URL. It skips the
// test where there is no Chromium. At its end the test fails for every problem that
// Problems then lists.
func Open(t testing.TB, url string) *Page {
	t.Helper()
	var program string
	for _, name := range names {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		t.Skip("chromium is not installed")
	}
	p := &Page{t: t}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.NoSandbox, // root has none, and the pages are ours
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.WSURLReadTimeout(patience),
	)
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, closePage := chromedp.NewContext(ctx)
	t.Cleanup(closePage)
	p.ctx = ctx
	// This starts the browser, which must outlive the time limit of a step.
	if err := chromedp.Listen(ctx, p.listen(url)); err != nil {
		t.Fatalf("starting the browser: %v", err)
	}
	p.command(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, log.Enable, cdp.Empty{})
		return err
	})
	p.command(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
		return err
	})
	p.do(chromedp.Navigate(url))
	t.Cleanup(func() {
		for _, problem := range p.Problems() {
			t.Error(problem)
		}
	})
	return p
}

// listen collects what a page must not do.
func (p *Page) listen(url string) func(any) {
	host, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(url, "http://"), "file://"), "/")
	problem := func(format string, args ...any) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.problems = append(p.problems, fmt.Sprintf(format, args...))
	}
	return func(event any) {
		switch e := event.(type) {
		case *log.EventEntryAdded:
			if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
				problem("the browser says: %s %s", e.Entry.Text, e.Entry.URL)
			}
		case *runtime.EventExceptionThrown:
			problem("the page throws: %s", thrown(e.ExceptionDetails))
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
				problem("the page prints an %s", e.Type)
			}
		case *network.EventRequestWillBeSent:
			if address := e.Request.URL; address != url && !strings.HasPrefix(address, "data:") && (host == "" || !strings.HasPrefix(address, "http://"+host+"/")) {
				problem("the page asks for %s", address)
			}
		}
	}
}

func thrown(e *runtime.ExceptionDetails) string {
	if e.Exception != nil && e.Exception.Description != "" {
		return e.Exception.Description
	}
	return e.Text
}

// Problems are the errors, warnings and foreign requests so far.
func (p *Page) Problems() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.problems...)
}

// command runs one step with its time limit and fails the test if it fails.
func (p *Page) command(step func(context.Context) error) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := step(ctx); err != nil {
		p.t.Fatalf("driving the browser: %v", err)
	}
}

func (p *Page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	p.command(func(ctx context.Context) error { return chromedp.Do(ctx, steps...) })
}

// ask runs an action that has a value.
func ask[T any](p *Page, action chromedp.Action[T]) (value T) {
	p.t.Helper()
	p.command(func(ctx context.Context) (err error) {
		value, err = chromedp.Run(ctx, action)
		return err
	})
	return value
}

// Eval returns the value of a JavaScript expression, as JSON decodes it.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	return ask(p, chromedp.Evaluate[T](expression))
}

// Click clicks on the first element that the CSS selector names, scrolled into view.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.do(chromedp.ScrollIntoView(chromedp.CSS(selector)), chromedp.Click(chromedp.CSS(selector)))
}

// Type types keys into the element. Package chromedp/kb names those without a
// character.
func (p *Page) Type(selector, keys string) {
	p.t.Helper()
	p.do(chromedp.SendKeys(chromedp.CSS(selector), keys))
}

// Text returns the element's text as it is shown.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	return ask(p, chromedp.Text(chromedp.CSS(selector)))
}

// Wait waits until the JavaScript expression is true, on this page or on one that
// it leads to.
func (p *Page) Wait(expression string) {
	p.t.Helper()
	p.command(func(ctx context.Context) error {
		for {
			_, err := chromedp.Run(ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(patience)))
			if err == nil || !isGone(err) {
				return err
			}
		}
	})
}

// isGone reports whether an expression could not be evaluated to its end because its
// page has made way for another one.
func isGone(err error) bool {
	for _, words := range []string{"Cannot find context", "navigated or closed", "context was destroyed"} {
		if strings.Contains(err.Error(), words) {
			return true
		}
	}
	return false
}

// Resize sets the size of the window.
func (p *Page) Resize(width, height int64) {
	p.t.Helper()
	p.do(chromedp.EmulateViewport(width, height))
}

// Prefer sets a media feature, as in "prefers-color-scheme" to "dark".
func (p *Page) Prefer(feature, value string) {
	p.t.Helper()
	p.command(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: feature, Value: value}},
		})
		return err
	})
}

// Scripts switches the page's JavaScript on or off and loads it again.
func (p *Page) Scripts(on bool) {
	p.t.Helper()
	p.command(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
		return err
	})
	p.do(chromedp.Reload())
}

// Picture writes a PNG of the whole page to the directory that the environment
// variable CONCDOCTOR_PICTURES names, for people to look at; without it, it does
// nothing.
func (p *Page) Picture(name string) {
	p.t.Helper()
	dir := os.Getenv("CONCDOCTOR_PICTURES")
	if dir == "" {
		return
	}
	png := ask(p, chromedp.FullScreenshot(100))
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// PDF returns the page as it is printed.
func (p *Page) PDF() []byte {
	p.t.Helper()
	return ask(p, chromedp.PrintToPDF())
}
