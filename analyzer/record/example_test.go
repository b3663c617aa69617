package record_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"github.com/concdoctor/concdoctor/analyzer/record"
)

func ExampleRoot() {
	for _, service := range []string{"localhost:6060", "http://localhost:6060/internal/pprof/", "ftp://localhost"} {
		root, err := record.Root(service)
		fmt.Println(root, err)
	}
	// Output:
	// http://localhost:6060/debug/pprof <nil>
	// http://localhost:6060/internal/pprof <nil>
	// <nil> recording ftp://localhost: want an http or https URL, as in http://localhost:6060
}

// A page that the service does not have is left out; the others are files in the directory.
func ExampleFetch() {
	service := http.NewServeMux()
	service.HandleFunc("/debug/pprof/mutex", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "--- mutex:")
	})
	server := httptest.NewServer(service)
	defer server.Close()
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	pages, err := record.Fetch(context.Background(), server.URL, record.Options{Dir: dir, Time: time.Second})
	if err != nil {
		fmt.Println(err)
	}
	missing := 0
	for _, p := range pages {
		switch {
		case p.IsMissing():
			missing++
		case p.Err != nil && !errors.Is(p.Err, context.Canceled):
			fmt.Println(p.Err)
		default:
			fmt.Println(filepath.Base(p.File), p.Bytes, "bytes")
		}
	}
	fmt.Println(missing, "missing")
	// Output:
	// mutex.pb.gz 11 bytes
	// 4 missing
}
