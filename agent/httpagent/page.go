package httpagent

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/agent/snapshot"
	"github.com/concdoctor/concdoctor/internal/untrusted"
)

//go:embed page
var content embed.FS

// page is one page: what it shows of a snapshot, as HTML or JSON.
type page struct {
	// Path is the last element of the page's path, JSON that of its JSON form if
	// it is not the Path with .json.
	Path, JSON string
	Title      string
	// view returns what the template gets and the JSON form is.
	view     func(*snapshot.Snapshot) any
	template *template.Template
}

// pages are in the order of the navigation.
var pages = []page{
	{Path: "", JSON: "snapshot.json", Title: "Overview", view: func(s *snapshot.Snapshot) any { return s }, template: parse("overview")},
	{Path: "held", Title: "Held locks", view: func(s *snapshot.Snapshot) any { return newHeld(s) }, template: parse("held")},
	{Path: "waits", Title: "Waits", view: func(s *snapshot.Snapshot) any { return newWaits(s) }, template: parse("waits")},
	{Path: "order", Title: "Lock order", view: func(s *snapshot.Snapshot) any { return newOrder(s) }, template: parse("order")},
	{Path: "contention", Title: "Contention", view: func(s *snapshot.Snapshot) any { return newContention(s) }, template: parse("contention")},
	{Path: "findings", Title: "Findings", view: func(s *snapshot.Snapshot) any { return newFindings(s) }, template: parse("findings")},
}

func parse(name string) *template.Template {
	return template.Must(template.New("layout.html").Funcs(functions).ParseFS(content, "page/layout.html", "page/parts.html", "page/graph.svg", "page/"+name+".html"))
}

// shown is what a template gets.
type shown struct {
	Page     *page
	Pages    []page
	Snapshot *snapshot.Snapshot
	View     any
	Refresh  refresh
}

// Holding counts the goroutines that hold locks.
func (s shown) Holding() int {
	return s.count(func(g *snapshot.Goroutine) bool { return len(g.Holds) > 0 })
}

// Waiting counts those that wait.
func (s shown) Waiting() int {
	return s.count(func(g *snapshot.Goroutine) bool { return g.Wait != nil })
}

func (s shown) count(is func(*snapshot.Goroutine) bool) (n int) {
	for i := range s.Snapshot.Goroutines {
		if is(&s.Snapshot.Goroutines[i]) {
			n++
		}
	}
	return n
}

func (p *page) renderJSON(s *snapshot.Snapshot) rendered {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetIndent("", "  ")
	err := enc.Encode(p.view(s))
	return newRendered("application/json", &body, err)
}

func (p *page) render(s *snapshot.Snapshot, every refresh) rendered {
	var body bytes.Buffer
	err := p.template.Execute(&body, shown{p, pages, s, p.view(s), every})
	return newRendered("text/html; charset=utf-8", &body, err)
}

// newRendered returns a text that names locks and functions, or the error that stopped it.
func newRendered(kind string, body *bytes.Buffer, err error) rendered {
	return rendered{kind: kind, body: untrusted.Text(body.String()), err: err}
}

// refresh is after how many seconds a page loads itself again, 0 for never.
type refresh int

const (
	defaultRefresh = 5
	maxRefresh     = 3600
)

func refreshOf(r *http.Request) refresh {
	n, err := strconv.Atoi(r.URL.Query().Get("refresh"))
	if err != nil {
		return defaultRefresh
	}
	return refresh(min(max(n, 0), maxRefresh))
}

// query keeps the choice along links.
func (n refresh) query() string {
	if n == defaultRefresh {
		return ""
	}
	return "?refresh=" + strconv.Itoa(int(n))
}

// To is a link to the page that keeps the choice.
func (n refresh) To(path string) string {
	if path == "" {
		path = "./"
	}
	return path + n.query()
}

// Default is what a stopped page starts again with.
func (n refresh) Default() refresh { return defaultRefresh }

// serveStatic serves a file of the page directory.
func serveStatic(name, kind string) http.HandlerFunc {
	text, err := content.ReadFile("page/" + name)
	if err != nil {
		panic(err) // it is not among the embedded files
	}
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Cache-Control", "max-age=300")
		_, _ = w.Write(text)
	}
}

// functions are what the templates call.
var functions = template.FuncMap{
	"duration": duration,
	"clock":    func(t time.Time) string { return t.Format("15:04:05") },
	"date":     func(t time.Time) string { return t.Format("2006-01-02 15:04:05") },
	"bytes":    byteSize,
	"plural":   finding.Plural[int],
	"add":      func(a, b int) int { return a + b },
}

// duration writes three digits and a unit, and a dash for what was not measured.
func duration(nanos int64) string {
	if nanos <= 0 {
		return "–"
	}
	unit, name := int64(1), "ns"
	for _, u := range []struct {
		nanos int64
		name  string
	}{{1e3, "µs"}, {1e6, "ms"}, {1e9, "s"}, {60e9, "min"}, {3600e9, "h"}} {
		if nanos >= u.nanos {
			unit, name = u.nanos, u.name
		}
	}
	return digits(float64(nanos)/float64(unit)) + " " + name
}

func byteSize(n int64) string {
	switch {
	case n >= 1<<20:
		return digits(float64(n)/(1<<20)) + " MB"
	case n >= 1<<10:
		return digits(float64(n)/(1<<10)) + " kB"
	}
	return strconv.FormatInt(n, 10) + " bytes"
}

// digits writes v with three digits.
func digits(v float64) string {
	switch {
	case v < 10:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case v < 100:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}
