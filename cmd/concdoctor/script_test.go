package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScript runs testdata/script/*.txtar; see testscript's documentation for the
// language. Beside its commands there are:
//
//	exits STATUS COMMAND...  run the command and want exactly this exit status
//	mkprofile NAME FILE      write a profile of the test process, compressed
//	mktrace FILE             write an execution trace of the test process
//	cut BYTES FROM TO        write the first bytes of a file, all but the last if negative
//	gzip FROM TO             compress a file
//	service DIR              serve the files of a directory as pprof pages at $URL; of a
//	                         file NAME.hang the page NAME that never ends, of NAME.fails
//	                         one that fails with its text
//	await FILE               wait until a file is there and not empty
func TestScript(t *testing.T) {
	bin := programDir(t)
	// The scripts have no home directory, and the demos call the go command.
	cache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatalf("finding the build cache: %v", err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", bin+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv("HOME", env.WorkDir) // where the go command keeps its settings
			env.Setenv("GOCACHE", strings.TrimSpace(string(cache)))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":     exits,
			"mkprofile": mkprofile,
			"mktrace":   mktrace,
			"cut":       cut,
			"gzip":      zip,
			"service":   service,
			"await":     await,
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := err.(*exec.ExitError)
		if !ok {
			ts.Fatalf("running %s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%q exited with status %d, want %d", args[1:], got, want)
	}
}

func mkprofile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mkprofile NAME FILE")
	}
	var b bytes.Buffer
	ts.Check(pprof.Lookup(args[0]).WriteTo(&b, 0))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b.Bytes(), 0o644))
}

// tracing is held while the process is traced: only one can be at a time.
var tracing sync.Mutex

func mktrace(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: mktrace FILE")
	}
	tracing.Lock()
	defer tracing.Unlock()
	var b bytes.Buffer
	ts.Check(trace.Start(&b))
	trace.WithRegion(context.Background(), "step", runtime.Gosched)
	done := make(chan bool)
	go func() { done <- true }()
	<-done
	trace.Stop()
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o644))
}

func cut(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: cut BYTES FROM TO")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	data := []byte(ts.ReadFile(args[1]))
	if n < 0 {
		n += len(data)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), data[:n], 0o644))
}

func zip(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: gzip FROM TO")
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	ts.Check(w.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b.Bytes(), 0o644))
}

func service(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: service DIR")
	}
	dir, ended := ts.MkAbs(args[0]), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := filepath.Join(dir, filepath.Base(r.URL.Path))
		if text, err := os.ReadFile(name + ".fails"); err == nil {
			http.Error(w, string(text), http.StatusInternalServerError)
			return
		}
		text, err := os.ReadFile(name + ".hang")
		if err != nil {
			http.ServeFile(w, r, name)
			return
		}
		_, _ = w.Write(text) // the client may be gone
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
		case <-ended:
		}
	}))
	ts.Defer(func() {
		close(ended)
		server.Close()
	})
	ts.Setenv("URL", server.URL)
	ts.Setenv("SERVICE", strings.TrimPrefix(server.URL, "http://"))
}

func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await FILE")
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if info, err := os.Stat(ts.MkAbs(args[0])); err == nil && info.Size() > 0 {
			return
		}
	}
	ts.Fatalf("%s never came", args[0])
}
