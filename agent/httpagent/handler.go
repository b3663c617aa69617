package httpagent

import (
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/snapshot"
)

// Handler returns a handler of all pages, to be mounted at a path that ends in a
// slash, with or without http.StripPrefix. It is safe for concurrent use.
//
// It answers requests for localhost, for literal addresses, and for the hosts, which are
// names without a port, as in "debug.example.com". Others are refused, since a foreign site
// can let a name of its own lead here.
func Handler(hosts ...string) http.Handler {
	s := new(server)
	return guard(hosts, http.NewCrossOriginProtection().Handler(http.HandlerFunc(s.serve)))
}

// server is one handler, with the snapshot that its requests share.
type server struct {
	camera camera
	gate   gate
}

// files are what is made of a snapshot and is no page. A key is the end of a path.
var files = map[string]func(*snapshot.Snapshot) rendered{
	"order.svg":   renderSVG,
	"order.dot":   renderDOT,
	"pprof/held":  renderHeld,
	"pprof/waits": renderWaits,
}

// static are the files that never change.
var static = map[string]http.HandlerFunc{
	"style.css": serveStatic("style.css", "text/css; charset=utf-8"),
	"icon.svg":  serveStatic("icon.svg", "image/svg+xml"),
}

// serve looks at the end of the path only: what stands before is the prefix.
func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'")
	dir, name := path.Split(r.URL.Path)
	if name == "statistics" {
		s.switchStatistics(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "only GET here", http.StatusMethodNotAllowed)
		return
	}
	if file := static[name]; file != nil {
		file(w, r)
		return
	}
	for _, end := range []string{path.Join(path.Base(dir), name), name} {
		if file := files[end]; file != nil {
			s.send(w, r, end, file)
			return
		}
	}
	stem, isJSON := strings.CutSuffix(name, ".json")
	for i := range pages {
		if pages[i].Path == stem || isJSON && pages[i].JSON == name {
			s.sendPage(w, r, &pages[i], isJSON || r.URL.Query().Get("format") == "json")
			return
		}
	}
	http.NotFound(w, r)
}

func (s *server) sendPage(w http.ResponseWriter, r *http.Request, p *page, asJSON bool) {
	name := "page " + p.Path
	if asJSON {
		s.send(w, r, name+" as JSON", p.renderJSON)
		return
	}
	every := refreshOf(r)
	s.send(w, r, name+" "+strconv.Itoa(int(every)), func(of *snapshot.Snapshot) rendered { return p.render(of, every) })
}

// send answers with what render makes of a snapshot, which other requests may share; with
// stacks=all in the request of one that has all stacks. Beyond the budget it asks to come
// again.
func (s *server) send(w http.ResponseWriter, r *http.Request, name string, render func(*snapshot.Snapshot) rendered) {
	wait, ok := s.gate.enter(time.Now())
	if !ok {
		wait = mostWaiting // a client that does not heed the answer shall not be back at once
	}
	if wait > 0 {
		select {
		case <-time.After(wait):
		case <-r.Context().Done():
			return
		}
	}
	if !ok {
		comeAgain(w, mostWaiting, "too many requests")
		return
	}
	var of *shot
	if r.URL.Query().Get("stacks") != "all" {
		of = s.camera.shoot()
	} else if shot, after := s.camera.shootStacks(); shot != nil {
		of = shot
	} else {
		comeAgain(w, after, "reading all stacks stops the program, and was done a moment ago")
		return
	}
	made := of.page(name, func() rendered { return render(of.Snapshot) })
	if made.err != nil {
		http.Error(w, made.err.Error(), http.StatusInternalServerError)
		return
	}
	s.gate.sent(len(made.body))
	w.Header().Set("Content-Type", made.kind)
	if made.file != "" {
		w.Header().Set("Content-Disposition", `attachment; filename="`+made.file+`"`)
	}
	_, _ = io.WriteString(w, made.body) // the client has gone
}

// comeAgain refuses a request for a while.
func comeAgain(w http.ResponseWriter, after time.Duration, why string) {
	seconds := int(after/time.Second) + 1
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	http.Error(w, fmt.Sprintf("%s: come again in %d s", why, seconds), http.StatusServiceUnavailable)
}

// switchStatistics takes on=true or on=false and shows the page of statistics.
func (s *server) switchStatistics(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		http.Error(w, "only POST here", http.StatusMethodNotAllowed)
		return
	}
	on, err := strconv.ParseBool(r.PostFormValue("on"))
	if err != nil {
		http.Error(w, "want on=true or on=false", http.StatusBadRequest)
		return
	}
	agent.SetStatistics(on)
	s.camera.forget()
	w.Header().Set("Location", "contention"+refreshOf(r).query())
	w.WriteHeader(http.StatusSeeOther)
}
