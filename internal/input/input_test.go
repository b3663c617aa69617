package input

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

func TestOpenFails(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(context.Background(), dir, Options{}); err == nil || !strings.HasPrefix(err.Error(), dir+": it looks like a directory; name the files in it") {
		t.Errorf("directory: %v", err)
	}
	missing := filepath.Join(dir, "missing")
	if _, err := Open(context.Background(), missing, Options{}); err == nil || !strings.HasPrefix(err.Error(), "opening "+missing+": no such file") {
		t.Errorf("missing: %v", err)
	}
	if err := explainOpen("f", &fs.PathError{Op: "open", Path: "f", Err: fs.ErrPermission}); err.Error() != "opening f: permission denied; make it readable first: chmod +r f" {
		t.Errorf("unreadable: %v", err)
	}
	broken := errors.New("the wire broke")
	if _, err := Open(context.Background(), Stdin, Options{Stdin: iotest.ErrReader(broken)}); !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "reading standard input: ") {
		t.Errorf("broken pipe: %v", err)
	}
	// Behind a long text a search meets the error.
	late, err := New("late", io.MultiReader(strings.NewReader(strings.Repeat("text\n", HeadBytes)), iotest.ErrReader(broken)))
	if err != nil {
		t.Fatal(err)
	}
	if err := late.Search(func([]byte) bool { return false }); !errors.Is(err, broken) {
		t.Errorf("late error: %v", err)
	}
}

// TestSearchAcrossReads feeds a mark byte by byte, so that it spans reads, and holds that
// a search consumes nothing.
func TestSearchAcrossReads(t *testing.T) {
	mark := []byte("WARNING: DATA RACE")
	text := strings.Repeat("x", 2*HeadBytes-5) + string(mark) + "y"
	found := false
	search := func(part []byte) bool {
		found = bytes.Contains(part, mark)
		return found
	}
	for name, r := range map[string]io.Reader{
		"whole": strings.NewReader(text), "bytes": iotest.OneByteReader(strings.NewReader(text)), "halves": iotest.HalfReader(strings.NewReader(text)),
	} {
		in, err := New(name, r)
		if err != nil {
			t.Fatal(err)
		}
		if err := in.Search(search); !found || err != nil {
			t.Errorf("%s: found %v, %v", name, found, err)
		}
		if all, err := io.ReadAll(in.R); string(all) != text || err != nil {
			t.Errorf("%s: %d bytes after the search, %v; want %d", name, len(all), err, len(text))
		}
	}
	in, err := New("none", strings.NewReader(strings.Repeat("WARNING: DATA RAC ", 10000)))
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Search(search); found || err != nil {
		t.Errorf("found a mark that is not there; %v", err)
	}
}

// TestReaderAt holds that a stream is copied as it is, with its holes, and that nothing
// is left behind.
func TestReaderAt(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	content := append(bytes.Repeat([]byte{0}, 3*HeadBytes), "end"...)
	in, err := New("stream", iotest.HalfReader(bytes.NewReader(content)))
	if err != nil {
		t.Fatal(err)
	}
	at, done, err := in.ReaderAt()
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(io.NewSectionReader(at, 0, int64(len(content))+10))
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, %v; want %d", len(got), err, len(content))
	}
	if err := done(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
