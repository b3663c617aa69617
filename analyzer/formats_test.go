package analyzer

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime/pprof"
	rtrace "runtime/trace"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/internal/input"
)

func zipped(data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(data)
	w.Close()
	return b.Bytes()
}

// captured returns a profile of this very process.
func captured(t *testing.T, name string, debug int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := pprof.Lookup(name).WriteTo(&b, debug); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func capturedTrace(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := rtrace.Start(&b); err != nil {
		t.Fatal(err)
	}
	rtrace.Stop()
	return b.Bytes()
}

func TestFormats(t *testing.T) {
	race := "==================\nWARNING: DATA RACE\nRead at 0x1 by goroutine 7:\n"
	const trace, prof, logs, report = "execution trace", "profile", "log", "saved report"
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"trace", capturedTrace(t), trace},
		{"trace in gzip", zipped(capturedTrace(t)), trace},
		{"trace of an old Go", []byte("go 1.9 trace\x00\x00\x00\x00"), trace},
		{"goroutine profile", captured(t, "goroutine", 0), prof},
		{"mutex profile", captured(t, "mutex", 0), prof},
		{"block profile", captured(t, "block", 0), prof},
		{"heap profile", captured(t, "heap", 0), prof},
		{"goroutine profile as text", captured(t, "goroutine", 1), prof},
		{"mutex profile as text", captured(t, "mutex", 1), prof},
		{"block profile as text", captured(t, "block", 1), prof},
		{"heap profile as text", captured(t, "heap", 1), prof},
		{"text profile from Windows", []byte("--- mutex:\r\ncycles/second=1\r\n"), prof},
		{"race log", []byte(race), logs},
		{"race log behind other text", []byte(strings.Repeat("ok\n", 100) + race), logs},
		{"race log behind the first bytes", []byte(strings.Repeat("log line\n", input.HeadBytes) + race), logs},
		{"race log of go test -json", []byte(`{"Action":"output","Output":"WARNING: DATA RACE\n"}`), logs},
		{"dump", []byte("goroutine 1 [running]:\nmain.main()\n"), logs},
		{"dump of SIGQUIT", []byte("SIGQUIT: quit\n\ngoroutine 0 gp=0x5f5620 m=0 mp=0x5f63e0 [idle]:\n"), logs},
		{"dump behind a prefix", []byte(strings.Repeat("ok\n", input.HeadBytes) + "web-1 | goroutine 12 gp=0xc000 m=nil [chan receive (nil chan), 5 minutes]:\n"), logs},
		{"dump in a line of JSON", []byte(`{"stack":"goroutine 7 [select (no cases)]:\nmain.f()"}`), logs},
		{"deadlock without a dump", []byte("fatal error: all goroutines are asleep - deadlock!\n"), logs},
		{"warning of go-deadlock", []byte("POTENTIAL DEADLOCK: Recursive locking:\n"), logs},
		{"report", []byte("{\n  \"schema\": 1,\n  \"tool\": {\n    \"name\": \"concdoctor\""), report},
		{"an agent's findings", []byte(`{"rule":"lock-cycle","certainty":"potential"}` + "\n"), "agent log"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "input")
			if err := os.WriteFile(path, tt.data, 0o600); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{path, input.Stdin} {
				in, err := formats(nil, nil).Open(t.Context(), name, input.Options{Stdin: bytes.NewReader(tt.data)})
				if err != nil {
					t.Fatalf("Open(%s): %v", name, err)
				}
				if in.Kind != tt.want {
					t.Errorf("Open(%s): kind %q, want %q", name, in.Kind, tt.want)
				}
				checkContent(t, in.Input, tt.data)
				if err := in.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			}
		})
	}
}

// checkContent holds that recognition consumed nothing and that bytes are counted.
func checkContent(t *testing.T, in *input.Input, data []byte) {
	t.Helper()
	want := data
	if zr, err := gzip.NewReader(bytes.NewReader(data)); err == nil {
		if want, err = io.ReadAll(zr); err != nil {
			return // damaged behind its head: the reader's to report
		}
	}
	got, err := io.ReadAll(in.R)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("R gave %d bytes, err %v; want %d bytes", len(got), err, len(want))
	}
	if in.Offset() != int64(len(want)) {
		t.Errorf("Offset = %d, want %d", in.Offset(), len(want))
	}
	if done, _ := in.Progress(); done != int64(len(data)) || in.Bytes() != int64(len(data)) {
		t.Errorf("Progress = %d, Bytes = %d, want %d", done, in.Bytes(), len(data))
	}
}

func TestFormatsRefuse(t *testing.T) {
	half := zipped(bytes.Repeat([]byte("random enough "), 100))
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "an empty file"},
		{"empty in gzip", zipped(nil), "an empty file"},
		{"cut gzip", half[:12], "a damaged or truncated gzip file"},
		{"gzip magic only", half[:3], "a damaged or truncated gzip file"},
		{"cut trace header", []byte("go 1.26 tr"), "an execution trace that was cut off within its header"},
		{"program", []byte("\x7fELF\x02\x01\x01"), "a program (an ELF binary)"},
		{"zip", []byte("PK\x03\x04rest"), "a zip archive"},
		{"web page", []byte("\n<!DOCTYPE html><html>"), "an HTML page"},
		{"text about goroutines", []byte("goroutine 1 [sic] is main, goroutine 2 [too]\n"), `text that starts with "goroutine 1 [sic] is main, goroutine 2 […"`},
		{"json", []byte(`{"schema": 1}`), "JSON, but not a report that concdoctor saved"},
		{"go test -json", []byte(`{"Time":"2026-01-01","Action":"start"}`), "the output of go test -json without a race report or a goroutine dump"},
		{"text", []byte("\n\nhello, wörld\n"), `text that starts with "hello, wörld"`},
		{"long text", []byte(strings.Repeat("x", input.HeadBytes+1)), `text that starts with "` + strings.Repeat("x", 40) + `…"`},
		{"newline", []byte("\n"), `text that starts with ""`},
		{"binary", []byte("\x00\x01\x02\xff\xfe"), "binary data that starts with 00 01 02 ff fe"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "input")
			if err := os.WriteFile(path, tt.data, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := formats(nil, nil).Open(t.Context(), path, input.Options{})
			var unknown *input.UnknownError
			if !errors.As(err, &unknown) {
				t.Fatalf("error is %v, want an UnknownError", err)
			}
			if unknown.Looks != tt.want || unknown.Name != path || unknown.Next == "" {
				t.Errorf("error is %+v, want it to look like %q", *unknown, tt.want)
			}
			if _, err := formats(nil, nil).Open(t.Context(), input.Stdin, input.Options{Stdin: bytes.NewReader(tt.data)}); !errors.As(err, &unknown) || unknown.Name != "standard input" {
				t.Errorf("on standard input: %v", err)
			}
		})
	}
}

// FuzzFormats holds that recognition never panics and never loses a byte.
func FuzzFormats(f *testing.F) {
	for _, seed := range []string{"", "go 1.26 trace\x00\x00\x00rest", "--- mutex:\n", "goroutine profile: total 3\n", "\x0a\x04\x08\x01\x10\x02\x0a\x04\x08\x03\x10\x04",
		"\x5a\x04\x08\x01\x10\x02\x60\x01", "WARNING: DATA RACE", `{"schema":1,"tool":{"name":"concdoctor"`, "\x1f\x8b\x08"} {
		f.Add([]byte(seed))
		f.Add(zipped([]byte(seed)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		in, err := formats(nil, nil).Open(t.Context(), input.Stdin, input.Options{Stdin: bytes.NewReader(data)})
		if err != nil {
			if len(err.Error()) > 1000 {
				t.Fatalf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		if in.Kind == "" {
			t.Fatal("no kind and no error")
		}
		checkContent(t, in.Input, data)
	})
}

// TestFetchedPage holds that a URL of the root of the pages is answered with those below.
func TestFetchedPage(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "<html><body>profiles</body></html>")
	}))
	defer server.Close()
	_, err := formats(nil, nil).Open(t.Context(), server.URL, input.Options{})
	if err == nil || !strings.Contains(err.Error(), "it looks like an HTML page; name one of the pages below it") {
		t.Errorf("error %v", err)
	}
}
