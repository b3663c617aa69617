package reader

import (
	"bytes"
	"compress/gzip"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/internal/input"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// openFile writes the trace into a file and opens that.
func openFile(t *testing.T, data []byte) (*input.Input, *Reader, string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "trace.out")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := input.Open(context.Background(), name, input.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	src, err := New(in)
	if err != nil {
		t.Fatal(err)
	}
	return in, src, name
}

// TestFiles: a file, a compressed one and a stream give the same events, and the progress
// comes to its end.
func TestFiles(t *testing.T) {
	data := smallTrace(t)
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	w.Write(data)
	w.Close()
	src, err := openBytes(data)
	if err != nil {
		t.Fatal(err)
	}
	want := drain(src.decoder)
	for name, data := range map[string][]byte{"plain": data, "gzip": zipped.Bytes()} {
		in, src, _ := openFile(t, data)
		if _, ours := src.decoder.(*own); !ours || src.decoder.(*own).data != nil != (name == "plain" && isMapped) {
			t.Errorf("%s: it is not read as it should be", name)
		}
		got := drain(src.decoder)
		if text := differ(&want, &got, false); text != "" || len(got.events) != len(want.events) {
			t.Errorf("%s: %d events, want %d; %s", name, len(got.events), len(want.events), text)
		}
		if done, total := in.Progress(); done != total || total != int64(len(data)) || src.Loss() != "" {
			t.Errorf("%s: %d of %d bytes read, %d there; loss %q", name, done, total, len(data), src.Loss())
		}
		src.Close()
	}
}

// isMapped says that files are mapped on this system.
const isMapped = runtime.GOOS != "windows"

// TestShrunkFile cuts a file that is being read. That must not end the process.
func TestShrunkFile(t *testing.T) {
	if !isMapped {
		t.Skip("files are not mapped here")
	}
	data := smallTrace(t)
	for len(data) < 1<<18 { // far more than a page
		data = append(data, data[16:]...)
	}
	_, src, name := openFile(t, data)
	if err := os.Truncate(name, 0); err != nil {
		t.Fatal(err)
	}
	var b stream.Batch
	if err := src.Next(&b); err == nil || !strings.Contains(err.Error(), errShrunk.Error()) {
		t.Errorf("error %v, want %q", err, errShrunk)
	}
}
