package health

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/internal/zerotouch/inject"
	"github.com/concdoctor/concdoctor/internal/zerotouch/patch"
)

// examine makes the quick checks and returns them by name and grade.
func examine(t *testing.T, sets []patch.Set) (works bool, all map[string]Check) {
	t.Helper()
	list, err := patch.New(sets)
	if err != nil {
		t.Fatal(err)
	}
	all = make(map[string]Check)
	works = Examine(t.Context(), Options{List: list, Quick: true}, func(c Check) { all[c.Name+" "+c.Grade.String()] = c })
	return works, all
}

func TestWorks(t *testing.T) {
	works, all := examine(t, inject.Sets())
	if want := inject.Available(runtime.GOOS, runtime.GOARCH); works != want {
		t.Errorf("works: %v, want %v: %+v", works, want, all)
	}
	for name, text := range map[string]string{
		"go ok": runtime.GOOS + "/" + runtime.GOARCH, "patches ok": "fit for linux/amd64, linux/arm64, darwin/amd64, darwin/arm64, windows/amd64, windows/arm64",
		"toolchains ok": "GOTOOLCHAIN=", "temp dir ok": os.TempDir(),
	} {
		if !strings.Contains(all[name].Text, text) {
			t.Errorf("%s: %q, want %q in it", name, all[name].Text, text)
		}
	}
}

// TestDoesNotWork breaks one thing at a time.
func TestDoesNotWork(t *testing.T) {
	tests := []struct {
		name       string
		sets       []patch.Set
		setup      func(t *testing.T)
		check      string
		text, hint string
	}{
		{"a release that is not known", []patch.Set{{Package: "sync", Ops: []patch.Op{patch.Exists{Name: "nothing"}}}}, nil, "patches failed", "(package sync): nothing is declared 0 times", ""},
		{"a tree that is patched", []patch.Set{{Package: "sync", Files: []patch.File{{Name: "mutex.go", Text: "package sync"}}}}, nil, "patches failed", "mutex.go is there", "unset GOROOT"},
		{"no go command", nil, func(t *testing.T) { t.Setenv("PATH", t.TempDir()) }, "go failed", "no go command in PATH", ""},
		{"a system that does not record", nil, func(t *testing.T) { t.Setenv("GOOS", "windows") }, "recording failed", "programs for windows/", "linux/amd64"},
		{"no directory for temporary files", nil, func(t *testing.T) {
			gone := filepath.Join(t.TempDir(), "gone")
			t.Setenv("TMPDIR", gone)
			t.Setenv("TMP", gone)
		}, "temp dir failed", "gone", "TMP"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.setup != nil {
				tt.setup(t)
			}
			works, all := examine(t, tt.sets)
			c, made := all[tt.check]
			if works || !made || !strings.Contains(c.Text, tt.text) || !strings.Contains(c.Hint, tt.hint) {
				t.Errorf("works: %v; %s: %+v, want %q and %q", works, tt.check, c, tt.text, tt.hint)
			}
		})
	}
}

// TestAdditions: what is missing beside zero touch does not stop it.
func TestAdditions(t *testing.T) {
	t.Setenv("CGO_ENABLED", "0")
	works, all := examine(t, nil)
	c, made := all["race missing"]
	if works != inject.Available(runtime.GOOS, runtime.GOARCH) || runtime.GOOS == "linux" && (!made || !strings.Contains(c.Text, "requires cgo")) {
		t.Errorf("works: %v, %+v", works, all)
	}
}
