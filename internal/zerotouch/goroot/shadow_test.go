package goroot

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/internal/zerotouch/patch"
)

// tree writes a small Go tree.
func tree(t *testing.T, more map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{
		"VERSION":                      "go1.26.8\ntime 2026-11-01\n",
		"bin/go":                       "the go command",
		"pkg/tool/linux_amd64/compile": "the compiler",
		"src/box/box.go":               "package box\n\nfunc open() {}\n",
		"src/box/box_linux.go":         "package box\n",
		"src/box/box_test.go":          "package box\n\nfunc open() {}\n",
		"src/box/lid/lid.go":           "package lid\n",
		"src/box/lid/table.bin":        "embedded",
		"src/box/testdata/x.go":        "no Go",
		"src/cmd/go/main.go":           "package main\n",
	}
	for name, text := range more {
		files[name] = text
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		err := os.MkdirAll(filepath.Dir(path), 0o777)
		if err == nil {
			err = os.WriteFile(path, []byte(text), 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func list(t *testing.T, ops ...patch.Op) *patch.List {
	t.Helper()
	l, err := patch.New([]patch.Set{{
		Package: "box", Stamp: "mark", Ops: ops,
		Files: []patch.File{{Name: "seen.go", Text: "package box\n"}, {Name: "seen_windows.go", Text: "package box\n"}, {Name: "seen_plan9.go", Text: "package box\n"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// picture tells each file of a tree with what it is.
func picture(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		what := "file"
		if e.Type() == fs.ModeSymlink {
			what = "link"
		}
		b.WriteString(filepath.ToSlash(rel) + " " + what + "\n")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestShadow(t *testing.T) {
	l := list(t, patch.Enter{Func: "open", Insert: "seen()"})
	from, to := tree(t, nil), filepath.Join(t.TempDir(), "new", "shadow")
	if err := Shadow(l, from, to); err != nil {
		t.Fatal(err)
	}
	want := `VERSION file
bin/go file
concdoctor.stamp file
pkg link
src/box/box.go file
src/box/box_linux.go link
src/box/box_test.go link
src/box/concdoctor_stamp.go file
src/box/lid/lid.go link
src/box/lid/table.bin file
src/box/seen.go file
src/box/seen_windows.go file
src/box/testdata link
src/cmd link
`
	if got := picture(t, to); got != want {
		t.Errorf("the shadow is\n%s\nwant\n%s", got, want)
	}
	for name, want := range map[string]string{
		"src/box/box.go": "package box\n\nfunc open() { seen(); }\n", "bin/go": "the go command", "src/box/lid/table.bin": "embedded",
		"src/box/lid/lid.go": "package lid\n", "pkg/tool/linux_amd64/compile": "the compiler", "concdoctor.stamp": l.Stamp() + "\ngo1.26.8\n",
	} {
		if got, err := os.ReadFile(filepath.Join(to, name)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, want)
		}
	}
	if got, err := os.ReadFile(filepath.Join(from, "src/box/box.go")); err != nil || strings.Contains(string(got), "seen") {
		t.Errorf("the original was changed: %q, %v", got, err)
	}

	// An older shadow goes, with what it has and the new one has not.
	if err := os.Remove(filepath.Join(from, "src/box/box_linux.go")); err != nil {
		t.Fatal(err)
	}
	if err := Shadow(l, from, to); err != nil {
		t.Fatal(err)
	}
	if got, want := picture(t, to), strings.Replace(want, "src/box/box_linux.go link\n", "", 1); got != want {
		t.Errorf("made again, the shadow is\n%s\nwant\n%s", got, want)
	}
	if err := Shadow(l, to, filepath.Join(t.TempDir(), "x")); err == nil || !strings.Contains(err.Error(), "was made by concdoctor goroot") {
		t.Errorf("a shadow of a shadow: %v", err)
	}
}

// TestShadowLeavesOthersAlone: nothing is touched that is no shadow, and nothing is begun
// that cannot be ended.
func TestShadowLeavesOthersAlone(t *testing.T) {
	from := tree(t, nil)
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "thesis.txt"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := Shadow(list(t), from, other); err == nil || !strings.Contains(err.Error(), "was not made by concdoctor goroot") || picture(t, other) != "thesis.txt file\n" {
		t.Errorf("over another directory: %v\n%s", err, picture(t, other))
	}
	to := filepath.Join(t.TempDir(), "shadow")
	err := Shadow(list(t, patch.Exists{Name: "lid"}), from, to)
	var unknown *patch.UnknownError
	if !errors.As(err, &unknown) || isThere(to) {
		t.Errorf("with a list that does not fit: %v", err)
	}
	twice := tree(t, map[string]string{"src/box/open_windows.go": "package box\n\nfunc close() {}\n", "src/box/open_linux.go": "package box\n\nfunc close() {}\n", "src/box/open_darwin.go": "package box\n\nfunc close() {}\n"})
	if err := Shadow(list(t, patch.Rename{Func: "close", To: "shut"}), twice, to); err != nil {
		t.Errorf("a function with a file for each system: %v", err)
	}
	if err := Shadow(list(t, patch.Replace{Func: "open", Old: "1", New: "2", If: "linux"}, patch.Replace{Func: "open", Old: "1", New: "3", If: "!linux"}),
		tree(t, map[string]string{"src/box/box.go": "package box\n\nfunc open() { print(1) }\n"}), t.TempDir()); err == nil || !strings.Contains(err.Error(), "one tree cannot serve both") {
		t.Errorf("a file that becomes two: %v", err)
	}
}

func TestCheck(t *testing.T) {
	from := tree(t, map[string]string{"src/box/open_linux.go": "package box\n\nfunc close() {}\n"})
	l := list(t, patch.Rename{Func: "close", To: "shut"})
	for _, target := range Targets("go1.26.8") {
		err := Check(l, from, target)
		if (err == nil) != (target.GOOS == "linux") {
			t.Errorf("%+v: %v", target, err)
		}
	}
	if err := Check(l, t.TempDir(), Targets("go1.26.8")[0]); err == nil {
		t.Error("an empty tree was taken")
	}
	if v, err := Version(from); v != "go1.26.8" || err != nil {
		t.Errorf("Version = %q, %v", v, err)
	}
}
