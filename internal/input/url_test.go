package input

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// service serves what pprof's pages and their proxies answer.
func service(t *testing.T, silent chan struct{}) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/mutex", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "--- mutex:\ncycles/second=1\n") })
	mux.HandleFunc("/login", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "who are you?", http.StatusUnauthorized) })
	mux.HandleFunc("/busy", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "Could not enable tracing: tracing is already enabled", http.StatusInternalServerError)
	})
	mux.HandleFunc("/silent", func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-silent:
		}
	})
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil { // a server that is never silent for long
			fmt.Fprint(w, "-")
			_ = http.NewResponseController(w).Flush()
			time.Sleep(5 * time.Millisecond)
		}
	})
	mux.HandleFunc("/torn", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, "--- mutex:\n")
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func TestOpenURL(t *testing.T) {
	s := service(t, nil)
	in, err := Open(t.Context(), strings.Replace(s.URL, "http://", "http://me:secret@", 1)+"/mutex?seconds=1", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if !in.Fetched || strings.Contains(in.Name, "secret") || in.Size != 27 {
		t.Errorf("name %s, %d bytes", in.Name, in.Size)
	}
	if all, err := io.ReadAll(in.R); string(all) != "--- mutex:\ncycles/second=1\n" || err != nil {
		t.Errorf("content %q, %v", all, err)
	}
}

func TestOpenURLFails(t *testing.T) {
	silent := make(chan struct{})
	defer close(silent)
	s := service(t, silent)
	gone := httptest.NewServer(nil)
	gone.Close()
	for name, tt := range map[string]struct{ url, want string }{
		"missing":  {s.URL + "/heap", "the server answered 404 Not Found (404 page not found); the service must import _ \"net/http/pprof\""},
		"login":    {s.URL + "/login", "401 Unauthorized (who are you?); log in: "},
		"busy":     {s.URL + "/busy", "500 Internal Server Error (Could not enable tracing: tracing is already enabled); "},
		"silent":   {s.URL + "/silent", "no data came for 50ms; allow more with --timeout"},
		"nobody":   {gone.URL, "connection refused; check the host and the port"},
		"no host":  {"http:///debug", "it names no host"},
		"no URL":   {"http://[::1", "want http://HOST:PORT/debug/pprof/PAGE"},
		"password": {strings.Replace(gone.URL, "http://", "http://me:secret@", 1), "me:xxxxx@"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(t.Context(), tt.url, Options{Timeout: 50 * time.Millisecond})
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, s.URL+"/mutex", Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	slow, err := Open(t.Context(), s.URL+"/slow", Options{Timeout: 50 * time.Millisecond})
	if err == nil {
		t.Cleanup(func() { _ = slow.Close() })
		_, err = io.ReadAll(slow.R)
	}
	if err == nil || !strings.Contains(err.Error(), "the answer was not complete after 50ms") {
		t.Errorf("slow: %v", err)
	}
	in, err := Open(t.Context(), s.URL+"/torn", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if _, err := io.ReadAll(in.R); err == nil || !strings.Contains(err.Error(), "the answer was cut off") {
		t.Errorf("torn: %v", err)
	}
}

func TestSeconds(t *testing.T) {
	for query, want := range map[string]time.Duration{
		"": 0, "seconds=5": 5 * time.Second, "seconds=0.5": time.Second / 2, "seconds=-1": 0, "seconds=x": 0, "seconds=NaN": 0, "seconds=1e99": 0,
	} {
		if got := Seconds(&url.URL{RawQuery: query}); got != want {
			t.Errorf("Seconds(%s) = %v, want %v", query, got, want)
		}
	}
}
