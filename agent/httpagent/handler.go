package httpagent

import (
	"math"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/snapshot"
)

// Handler returns a handler of all pages, to be mounted at a path that ends in a
// slash, with or without http.StripPrefix. It is safe for concurrent use.
func Handler() http.Handler {
	return http.NewCrossOriginProtection().Handler(http.HandlerFunc(serve))
}

// files are what is no page. A key is the end of a path.
var files = map[string]http.HandlerFunc{
	"style.css":   serveStatic("style.css", "text/css; charset=utf-8"),
	"icon.svg":    serveStatic("icon.svg", "image/svg+xml"),
	"order.svg":   serveSVG,
	"order.dot":   serveDOT,
	"pprof/held":  serveHeld,
	"pprof/waits": serveWaits,
}

// serve looks at the end of the path only: what stands before is the prefix.
func serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'")
	dir, name := path.Split(r.URL.Path)
	if name == "statistics" {
		switchStatistics(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "only GET here", http.StatusMethodNotAllowed)
		return
	}
	for _, end := range []string{path.Join(path.Base(dir), name), name} {
		if file := files[end]; file != nil {
			file(w, r)
			return
		}
	}
	stem, isJSON := strings.CutSuffix(name, ".json")
	for i := range pages {
		if pages[i].Path == stem || isJSON && pages[i].JSON == name {
			pages[i].serve(w, r, isJSON || r.URL.Query().Get("format") == "json")
			return
		}
	}
	http.NotFound(w, r)
}

// take takes a snapshot; stacks=all in the request lifts the bound on stacks.
func take(r *http.Request) *snapshot.Snapshot {
	var o snapshot.Options
	if r.URL.Query().Get("stacks") == "all" {
		o.MaxStacks = math.MaxInt
	}
	return agent.Snapshot(o)
}

// switchStatistics takes on=true or on=false and shows the page of statistics.
func switchStatistics(w http.ResponseWriter, r *http.Request) {
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
	w.Header().Set("Location", "contention"+refreshOf(r).query())
	w.WriteHeader(http.StatusSeeOther)
}
