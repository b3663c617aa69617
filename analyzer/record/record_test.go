package record

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestRoot(t *testing.T) {
	for service, want := range map[string]string{
		"http://h:6060":                       "http://h:6060/debug/pprof",
		"h:6060":                              "http://h:6060/debug/pprof",
		"http://h:6060/":                      "http://h:6060/debug/pprof",
		"https://h/debug/pprof/":              "https://h/debug/pprof",
		"http://me:pw@h/admin/pprof?debug=1#": "http://me:pw@h/admin/pprof",
	} {
		if u, err := Root(service); err != nil || u.String() != want {
			t.Errorf("Root(%s) = %v, %v, want %s", service, u, err, want)
		}
	}
	for _, service := range []string{"", "ftp://h", "http://", "http://[::1", "h:port:1"} {
		if u, err := Root(service); err == nil {
			t.Errorf("Root(%q) = %v", service, u)
		}
	}
}

// TestFetch holds that each page goes to its file, that what is of no use in part is
// removed, and that a cancelled recording ends with the error and what has come.
func TestFetch(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch page := filepath.Base(r.URL.Path); page {
		case "trace", "mutex":
			_, _ = w.Write([]byte("part of " + r.URL.RawQuery)) // the client may be gone
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		case "block":
			_, _ = w.Write([]byte("whole"))
		default:
			http.NotFound(w, r)
		}
	}))
	defer s.Close()
	dir := t.TempDir()
	part := filepath.Join(dir, "trace.out")
	pages, err := Fetch(ctx, s.URL, Options{Dir: dir, Time: 1500 * time.Millisecond, Progress: func(_ time.Duration, bytes int64) {
		if data, _ := os.ReadFile(part); len(data) > 0 && bytes >= int64(len("whole")+2*len("part of seconds=2")) {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	data, _ := os.ReadFile(part)
	if string(data) != "part of seconds=1.5" || pages[0].File != part || pages[0].Err == nil {
		t.Errorf("trace %q, %+v", data, pages[0])
	}
	if pages[1].File != "" || pages[1].Err == nil {
		t.Errorf("mutex %+v", pages[1])
	}
	if pages[2].Err != nil || pages[2].Bytes != int64(len("whole")) || !strings.HasSuffix(pages[2].URL, "/debug/pprof/block?seconds=2") {
		t.Errorf("block %+v", pages[2])
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*")); len(files) != 2 {
		t.Errorf("files %q", files)
	}
}
