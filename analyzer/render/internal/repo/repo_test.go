package repo

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
)

func module(t *testing.T) (string, Root) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/bank // ours\n\ngo 1.26\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir, NewRoot(dir)
}

func TestRel(t *testing.T) {
	dir, root := module(t)
	for _, tt := range []struct {
		root Root
		file string
		want string
		in   bool
	}{
		{root, dir + "/account.go", "account.go", true},
		{root, dir + "/a/../b/account.go", "b/account.go", true},
		{root, dir + "2/account.go", "", false},
		{root, dir, "", false},
		{root, "/usr/local/go/src/sync/mutex.go", "", false},
		{root, "example.com/bank/internal/x.go", "internal/x.go", true},
		{root, "example.com/bank@v1.2.3/internal/x.go", "", false},
		{root, "example.com/banks/x.go", "", false},
		{root, "", "", false},
		{NewRoot(`/src`), `/src\bank\x.go`, "bank/x.go", true},
		{NewRoot("/"), "/src/x.go", "src/x.go", true},
		{NewRoot(t.TempDir()), "example.com/bank/x.go", "", false},
		{Root{}, "x.go", "", false},
		{Root{}, "/x.go", "", false},
	} {
		got, in := tt.root.Rel(tt.file)
		if in != tt.in || in && got != tt.want {
			t.Errorf("Rel(%q) = %q, %v, want %q, %v", tt.file, got, in, tt.want, tt.in)
		}
	}
}

func TestPath(t *testing.T) {
	dir, root := module(t)
	for _, tt := range []struct{ file, want string }{
		{"example.com/bank/a/x.go", filepath.Join(dir, "a", "x.go")},
		{"example.com/bank/../../../etc/x.go", "example.com/bank/../../../etc/x.go"},
		{"example.com/other/x.go", "example.com/other/x.go"},
		{filepath.Join(dir, "x.go"), filepath.Join(dir, "x.go")},
	} {
		if got := root.Path(tt.file); got != tt.want {
			t.Errorf("Path(%q) = %q, want %q", tt.file, got, tt.want)
		}
	}
	if got := (Root{}).Path("example.com/bank/x.go"); got != "example.com/bank/x.go" {
		t.Errorf("without a root: %q", got)
	}
}

func TestFirst(t *testing.T) {
	root := NewRoot("/src")
	stack := finding.Stack{
		{Func: "sync.(*Mutex).Lock", File: "/src/go/src/sync/mutex.go", Line: 1},
		{Func: "example.com/dep.F", File: "/mod/dep/f.go", Line: 2},
		{Func: "main.run", File: "/src/main.go", Line: 3},
		{Func: "main.main", File: "/src/main.go", Line: 4},
	}
	if f, ok := root.First(stack); !ok || f.Line != 3 {
		t.Errorf("First = %+v, %v", f, ok)
	}
	if f, ok := root.First(stack[:2]); ok {
		t.Errorf("First of foreign frames = %+v", f)
	}
}

func TestURI(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{URI("/src/a b/é#1.go"), "file:///src/a%20b/%C3%A9%231.go"},
		{URI(`C:\src\x.go`), "file:///C:/src/x.go"},
		{URI("runtime/proc.go"), "runtime/proc.go"},
		{URI("a:b.go"), "./a:b.go"},
		{Reference("a b/x.go"), "a%20b/x.go"},
		{NewRoot("/src/bank").URI(), "file:///src/bank/"},
		{NewRoot("/").URI(), "file:///"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}
