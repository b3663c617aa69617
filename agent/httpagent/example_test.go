package httpagent_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/concdoctor/concdoctor/agent/httpagent"
)

// The pages belong on a port that only operators reach, beside net/http/pprof.
func ExampleHandler() {
	mux := http.NewServeMux()
	mux.Handle("/debug/concdoctor/", httpagent.Handler())

	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost/debug/concdoctor/", nil))
	fmt.Println(w.Code, w.Header().Get("Content-Type"))
	// Output: 200 text/html; charset=utf-8
}

// go tool pprof http://localhost:6060/debug/pprof/held shows which code holds locks now.
func ExampleHeldProfile() {
	mux := http.NewServeMux()
	mux.Handle("/debug/pprof/held", httpagent.HeldProfile())

	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost/debug/pprof/held", nil))
	fmt.Println(w.Code, w.Header().Get("Content-Type"))
	// Output: 200 application/octet-stream
}

// The waits are those since the statistics were turned on.
func ExampleWaitsProfile() {
	mux := http.NewServeMux()
	mux.Handle("/debug/pprof/waits", httpagent.WaitsProfile())

	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost/debug/pprof/waits", nil))
	fmt.Println(w.Code, w.Header().Get("Content-Type"))
	// Output: 200 application/octet-stream
}
