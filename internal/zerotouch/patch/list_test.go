package patch

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestNewRefuses holds what no source can make sense of.
func TestNewRefuses(t *testing.T) {
	tests := []struct {
		name string
		set  Set
		want string
	}{
		{"a condition that is none", Set{Ops: []Op{Exists{Name: "x", If: "go1.26 &&"}}}, "parsing //go:build line"},
		{"no identifier", Set{Ops: []Op{Rename{Func: "f", To: "T.g"}}}, "no identifier"},
		{"no statement", Set{Ops: []Op{Enter{Func: "f", Insert: "if"}}}, "expected"},
		{"nothing to insert", Set{Ops: []Op{Enter{Func: "f"}}}, "want statements"},
		{"more than the function", Set{Ops: []Op{Enter{Func: "f", Insert: "g() }; func h() { g()"}}}, "want statements"},
		{"two lines", Set{Ops: []Op{Enter{Func: "f", Insert: "g()\nh()"}}}, "one line"},
		{"a comment that swallows the line", Set{Ops: []Op{Enter{Func: "f", Insert: "g() // why"}}}, "expected"},
		{"no expression", Set{Ops: []Op{Replace{Func: "f", Old: "a +", New: "b"}}}, "expected"},
		{"no replacement", Set{Ops: []Op{Replace{Func: "f", Old: "a", New: ""}}}, "expected"},
		{"a call that is none", Set{Ops: []Op{Before{Func: "f", Call: "(", Insert: "g()"}}}, "expected"},
		{"no field", Set{Ops: []Op{AddField{Struct: "s", Field: "a b c"}}}, "expected"},
		{"no signature", Set{Ops: []Op{Signature{Func: "f", Type: "int"}}}, "not the type of a function"},
		{"no type", Set{Ops: []Op{Field{Struct: "s", Name: "n", Type: "["}}}, "expected"},
		{"a file in a directory", Set{Files: []File{{Name: "a/b.go", Text: "package box"}}}, "want the name of a Go file"},
		{"a file that is no Go", Set{Files: []File{{Name: "b.go", Text: "pack box"}}}, "expected 'package'"},
		{"a stamp that is no name", Set{Stamp: "a b"}, "want an identifier"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.set.Package = "box"
			_, err := New([]Set{tt.set})
			if err == nil || !strings.HasPrefix(err.Error(), "patch set of package box: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("New: error %v, want %q in it", err, tt.want)
			}
		})
	}
	if _, err := New([]Set{{Package: "a"}, {Package: "a"}}); err == nil {
		t.Error("two sets of one package were taken")
	}
}

// TestHash: whatever changes what is compiled changes the hash, and nothing else does.
func TestHash(t *testing.T) {
	base := func() []Set {
		return []Set{{Package: "box", Stamp: "mark", Ops: []Op{Rename{Func: "f", To: "g"}}, Files: []File{{Name: "a.go", Text: "package box\n"}}}}
	}
	hash := func(sets []Set) string {
		l, err := New(sets)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(l.Stamp(), l.Hash()) || len(l.Hash()) != 32 {
			t.Errorf("stamp %q, hash %q", l.Stamp(), l.Hash())
		}
		return l.Hash()
	}
	plain := hash(base())
	if again := hash(base()); again != plain {
		t.Errorf("hashes of equal sets: %s and %s", plain, again)
	}
	seen := map[string]string{plain: "nothing"}
	for what, change := range map[string]func(s *Set){
		"the package":   func(s *Set) { s.Package = "crate" },
		"the stamp":     func(s *Set) { s.Stamp = "" },
		"an operation":  func(s *Set) { s.Ops = []Op{Rename{Func: "f", To: "h"}} },
		"its kind":      func(s *Set) { s.Ops = []Op{Enter{Func: "f", Insert: "g()"}} },
		"a condition":   func(s *Set) { s.Ops = []Op{Rename{Func: "f", To: "g", If: "linux"}} },
		"a file's name": func(s *Set) { s.Files[0].Name = "b.go" },
		"a file's text": func(s *Set) { s.Files[0].Text = "package box // new\n" },
	} {
		sets := base()
		change(&sets[0])
		h := hash(sets)
		if other, known := seen[h]; known {
			t.Errorf("changing %s gives the hash of changing %s", what, other)
		}
		seen[h] = what
	}
}

func TestReadFiles(t *testing.T) {
	fsys := fstest.MapFS{
		"runtime/b_linux.go.txt": {Data: []byte("package b")},
		"runtime/a.go.txt":       {Data: []byte("package a")},
		"runtime/README.txt":     {Data: []byte("no Go")},
		"sync/c.go.txt":          {Data: []byte("package c")},
	}
	files, err := ReadFiles(fsys, "runtime")
	if err != nil || len(files) != 2 || files[0] != (File{"a.go", "package a"}) || files[1] != (File{"b_linux.go", "package b"}) {
		t.Errorf("ReadFiles = %v, %v", files, err)
	}
	if _, err := ReadFiles(fsys, "gone"); err == nil {
		t.Error("a directory without files was taken")
	}
}
