package patch

import (
	"errors"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strings"
	"testing"
)

const source = `package box

import "unsafe"

type Box struct {
	n   int
	mu  inner // guards n
	ptr unsafe.Pointer
}

type line struct{ a, b int }

type empty struct{}

var count int

//go:noinline
func (b *Box) Lock() {
	b.mu.Lock()
	wait(1, 2) // one
	wait(
		3,
		4,
	)
}

func (b Box) Value() int { return b.n + b.n }

func (l *list[K, V]) Push(k K, v V) (int, bool) {
	if fatal("a"); k != v {
		fatal("a b")
	}
	return 1 +
		2, true
}

func wait(a, b int) {}

func external(p unsafe.Pointer, n []uintptr) int
`

var target = Target{GOOS: "linux", GOARCH: "amd64", GoVersion: "go1.26.8"}

func apply(t *testing.T, set Set, target Target, text string) (*Result, error) {
	t.Helper()
	set.Package = "box"
	l, err := New([]Set{set})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return l.Apply("box", target, []Source{{Name: "dir/box.go", Text: []byte(text)}, {Name: "dir/list.go", Text: []byte("package box\n\ntype list[K, V any] struct{}\n")}})
}

// TestOperations holds the text that each operation makes, and that no line moves.
func TestOperations(t *testing.T) {
	tests := []struct {
		name     string
		op       Op
		old, new string
	}{
		{"rename a method", Rename{Func: "(*Box).Lock", To: "lockPlain"}, "func (b *Box) Lock() {", "func (b *Box) lockPlain() {"},
		{"rename a method with a value receiver", Rename{Func: "Box.Value", To: "value"}, "(b Box) Value()", "(b Box) value()"},
		{"rename a generic method", Rename{Func: "(*list).Push", To: "push"}, "V]) Push(k", "V]) push(k"},
		{"rename a function, not its calls", Rename{Func: "wait", To: "waitPlain"}, "func wait(", "func waitPlain("},
		{"enter", Enter{Func: "(*Box).Lock", Insert: "seen(b); more()"}, "Lock() {\n", "Lock() { seen(b); more(); \n"},
		{"enter what has another name", Enter{Func: "(*Box).Acquire", Or: "(*Box).Lock", Insert: "seen(b)"}, "Lock() {\n", "Lock() { seen(b); \n"},
		{"enter what could have another name", Enter{Func: "(*Box).Lock", Or: "wait", Insert: "seen(b)"}, "Lock() {\n", "Lock() { seen(b); \n"},
		{"enter a function of one line", Enter{Func: "Box.Value", Insert: "seen()"}, "{ return b.n", "{ seen();  return b.n"},
		{"enter an empty function", Enter{Func: "wait", Insert: "seen(a)"}, "b int) {}", "b int) { seen(a); }"},
		{"before a whole call", Before{Func: "(*Box).Lock", Call: "wait(1,2)", Insert: "seen()"}, "\twait(1, 2)", "\tseen(); wait(1, 2)"},
		{"before a call of several lines", Before{Func: "(*Box).Lock", Call: "wait(3, 4)", Insert: "seen()"}, "\twait(\n", "\tseen(); wait(\n"},
		{"before what is called", Before{Func: "(*Box).Lock", Call: "b.mu.Lock", Insert: "seen()"}, "\tb.mu.Lock()", "\tseen(); b.mu.Lock()"},
		{"before a call with spaces in a string", Before{Func: "(*list).Push", Call: `fatal("a b")`, Insert: "seen()"}, `		fatal("a b")`, `		seen(); fatal("a b")`},
		{"replace a selector", Replace{Func: "(*Box).Lock", Old: "b.mu.Lock", New: "b.mu.lockPlain"}, "b.mu.Lock()", "b.mu.lockPlain()"},
		{"replace twice", Replace{Func: "Box.Value", Old: "b.n", New: "b.size()", Times: 2}, "b.n + b.n", "b.size() + b.size()"},
		{"replace a number", Replace{Func: "(*Box).Lock", Old: "1", New: "1 + 1"}, "wait(1, 2)", "wait(1 + 1, 2)"},
		{"add a field", AddField{Struct: "Box", Field: "seen uintptr"}, "unsafe.Pointer\n}", "unsafe.Pointer\n seen uintptr; }"},
		{"add a field to a struct of one line", AddField{Struct: "line", Field: "seen uintptr"}, "{ a, b int }", "{ a, b int ; seen uintptr; }"},
		{"add a field to an empty struct", AddField{Struct: "empty", Field: "seen uintptr"}, "empty struct{}", "empty struct{ seen uintptr; }"},
		{"add a field between others", AddField{Struct: "Box", Field: "seen uint16", After: "ptr"}, "ptr unsafe.Pointer", "ptr unsafe.Pointer; seen uint16"},
		{"a signature that is right", Signature{Func: "external", Type: "func(unsafe.Pointer, []uintptr) (n int)"}, "", ""},
		{"a signature with two results", Signature{Func: "(*list).Push", Type: "func(K, V) (int,bool)"}, "", ""},
		{"a signature with names in common", Signature{Func: "wait", Type: "func(int, int)"}, "", ""},
		{"a field that is right", Field{Struct: "Box", Name: "ptr", Type: "unsafe . Pointer"}, "", ""},
		{"a variable that exists", Exists{Name: "count"}, "", ""},
		{"a type that exists", Exists{Name: "line"}, "", ""},
		{"a function that exists", Exists{Name: "wait"}, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res, err := apply(t, Set{Ops: []Op{tt.op}}, target, source)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]string{}
			if tt.old != "" {
				if strings.Count(source, tt.old) != 1 {
					t.Fatalf("the test's %q is not once in the source", tt.old)
				}
				want["dir/box.go"] = strings.Replace(source, tt.old, tt.new, 1)
			}
			got := map[string]string{}
			for name, text := range res.Changed {
				got[name] = string(text)
			}
			if !maps.Equal(got, want) {
				t.Errorf("changed to\n%q, want\n%q", got, want)
			}
			if text := got["dir/box.go"]; text != "" && strings.Count(text, "\n") != strings.Count(source, "\n") {
				t.Error("lines were added or removed")
			}
		})
	}
}

// TestUnknown holds what is said of each thing that does not match, and that it stops all.
func TestUnknown(t *testing.T) {
	tests := []struct {
		name string
		op   Op
		want string
	}{
		{"no such function", Rename{Func: "unlock", To: "x"}, "func unlock is declared 0 times, want 1"},
		{"a method is no function", Rename{Func: "Lock", To: "x"}, "func Lock is declared 0 times, want 1"},
		{"another receiver", Rename{Func: "Box.Lock", To: "x"}, "func Box.Lock is declared 0 times, want 1"},
		{"renaming what has no body", Rename{Func: "external", To: "x"}, "func external has no body to rename"},
		{"entering what has no body", Enter{Func: "external", Insert: "f()"}, "func external has no body"},
		{"no such call", Before{Func: "wait", Call: "fatal", Insert: "f()"}, "func wait: 0 calls fatal, want 1"},
		{"a call that is part of a larger one", Before{Func: "(*Box).Lock", Call: "mu.Lock", Insert: "f()"}, "func (*Box).Lock: 0 calls mu.Lock, want 1"},
		{"two such calls", Before{Func: "(*Box).Lock", Call: "wait", Insert: "f()"}, "func (*Box).Lock: 2 calls wait, want 1"},
		{"no such expression", Replace{Func: "wait", Old: "a", New: "b"}, "func wait: a is there 0 times, want 1"},
		{"too many such expressions", Replace{Func: "Box.Value", Old: "b.n", New: "0"}, "func Box.Value: b.n is there 2 times, want 1"},
		{"too few such expressions", Replace{Func: "Box.Value", Old: "b.n", New: "0", Times: 3}, "func Box.Value: b.n is there 2 times, want 3"},
		{"an expression of several lines", Replace{Func: "(*list).Push", Old: "1 + 2", New: "3"}, "func (*list).Push: 1 + 2 stands on several lines"},
		{"no such struct", AddField{Struct: "Crate", Field: "n int"}, "struct Crate is declared 0 times, want 1"},
		{"no field to follow", AddField{Struct: "Box", Field: "size int", After: "none"}, "struct Box has no field none"},
		{"no struct", AddField{Struct: "count", Field: "n int"}, "struct count is declared 0 times, want 1"},
		{"another signature", Signature{Func: "wait", Type: "func(a, b uint)"}, "func wait is a func(int, int), want func(uint, uint)"},
		{"one parameter more", Signature{Func: "wait", Type: "func(a, b, c int)"}, "func wait is a func(int, int), want func(int, int, int)"},
		{"a result more", Signature{Func: "wait", Type: "func(a, b int) error"}, "func wait is a func(int, int), want func(int, int) (error)"},
		{"no such field", Field{Struct: "Box", Name: "size", Type: "int"}, "struct Box has no field size"},
		{"another type of a field", Field{Struct: "Box", Name: "ptr", Type: "*int"}, "field ptr of struct Box is a unsafe.Pointer, want *int"},
		{"nothing of that name", Exists{Name: "total"}, "total is declared 0 times, want 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res, err := apply(t, Set{Ops: []Op{Rename{Func: "(*Box).Lock", To: "lockPlain"}, tt.op}}, target, source)
			var unknown *UnknownError
			if !errors.As(err, &unknown) || res != nil {
				t.Fatalf("Apply = %v, %v, want an UnknownError alone", res, err)
			}
			if want := "zero touch does not support go1.26.8 (package box): " + tt.want; err.Error() != want {
				t.Errorf("error %q\nwant %q", err, want)
			}
		})
	}
	t.Run("all that did not match", func(t *testing.T) {
		_, err := apply(t, Set{Ops: []Op{Exists{Name: "a"}, Exists{Name: "b"}}}, target, source)
		if want := "zero touch does not support go1.26.8 (package box): a is declared 0 times, want 1; b is declared 0 times, want 1"; err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	})
	t.Run("twice", func(t *testing.T) {
		_, err := apply(t, Set{Ops: []Op{Exists{Name: "count"}}}, target, source+"var count int\n")
		if err == nil || !strings.HasSuffix(err.Error(), "count is declared 2 times, want 1") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("a language that the parser does not know", func(t *testing.T) {
		_, err := apply(t, Set{}, target, source+"\nfunc ?\n")
		if err == nil || !strings.HasPrefix(err.Error(), "zero touch does not support go1.26.8 (package box): dir/box.go:41:6: ") {
			t.Errorf("error %v", err)
		}
	})
}

func TestPatchedAlready(t *testing.T) {
	set := Set{Ops: []Op{Rename{Func: "wait", To: "waitPlain"}, AddField{Struct: "Box", Field: "seen uintptr"}}, Files: []File{{Name: "added.go", Text: "package box\n"}}}
	for name, tt := range map[string]struct{ text, want string }{
		"by a function": {source + "func waitPlain() {}\n", "func waitPlain is there"},
		"by a field":    {strings.Replace(source, "n   int", "seen uintptr", 1), "field seen of struct Box is there"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := apply(t, set, target, tt.text)
			var patched *PatchedError
			if !errors.As(err, &patched) || patched.Package != "box" || patched.What != tt.want {
				t.Errorf("error %v, want a PatchedError: %s", err, tt.want)
			}
		})
	}
	t.Run("by a file", func(t *testing.T) {
		l, err := New([]Set{{Package: "box", Files: set.Files}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = l.Apply("box", target, []Source{{Name: "dir/added.go", Text: []byte("package box\n")}})
		var patched *PatchedError
		if !errors.As(err, &patched) || patched.What != "added.go is there" {
			t.Errorf("error %v, want a PatchedError", err)
		}
	})
	t.Run("by the list itself", func(t *testing.T) {
		res, err := apply(t, set, target, source)
		if err != nil {
			t.Fatal(err)
		}
		_, err = apply(t, set, target, string(res.Changed["dir/box.go"]))
		if err == nil {
			t.Error("the list's own result was patched again")
		}
	})
}

// TestTogether holds that operations do not see each other's work, in any order.
func TestTogether(t *testing.T) {
	ops := []Op{
		Rename{Func: "(*Box).Lock", To: "lockPlain"},
		Enter{Func: "(*Box).Lock", Insert: "seen()"},
		Before{Func: "(*Box).Lock", Call: "b.mu.Lock", Insert: "soon()"},
		Replace{Func: "(*Box).Lock", Old: "b.mu.Lock", New: "b.mu.lockPlain"},
	}
	want := strings.Replace(source, "Lock() {\n\tb.mu.Lock()", "lockPlain() { seen(); \n\tsoon(); b.mu.lockPlain()", 1)
	for range len(ops) {
		ops = append(ops[1:], ops[0])
		res, err := apply(t, Set{Ops: ops}, target, source)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(res.Changed["dir/box.go"]); got != want {
			t.Errorf("changed to\n%s", got)
		}
	}
	_, err := apply(t, Set{Ops: append(ops, Rename{Func: "(*Box).Lock", To: "other"})}, target, source)
	if err == nil || !strings.Contains(err.Error(), "operations overlap") {
		t.Errorf("two names for one function: error %v", err)
	}
}

func TestAdded(t *testing.T) {
	set := Set{Stamp: "mark", Files: []File{
		{Name: "all.go", Text: "package box\n\nimport (\n\t\"unsafe\"\n\t\"internal/abi\"\n)\n\nvar _ unsafe.Pointer\n"},
		{Name: "all_linux.go", Text: "package box\n\nimport \"internal/abi\"\n"},
		{Name: "all_windows.go", Text: "package box\n\nimport \"internal/windows\"\n"},
		{Name: "raced.go", Text: "//go:build race\n\npackage box\n\nfunc here()\n"},
		{Name: "new.go", Text: "//go:build go1.27\n\npackage box\n"},
	}}
	tests := []struct {
		name     string
		target   Target
		files    string
		imports  string
		bodyless bool
	}{
		{"linux", target, "all.go all_linux.go concdoctor_stamp.go", "internal/abi", false},
		{"windows and race", Target{GOOS: "windows", GOARCH: "arm64", GoVersion: "go1.27rc1", Tags: []string{"race"}}, "all.go all_windows.go raced.go new.go concdoctor_stamp.go", "internal/abi internal/windows", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res, err := apply(t, set, tt.target, source)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, f := range res.Added {
				names = append(names, f.Name)
			}
			if got := strings.Join(names, " "); got != tt.files {
				t.Errorf("added %s, want %s", got, tt.files)
			}
			if got := strings.Join(res.Imports, " "); got != tt.imports || res.Bodyless != tt.bodyless {
				t.Errorf("imports %s, bodyless %v, want %s, %v", got, res.Bodyless, tt.imports, tt.bodyless)
			}
			last := res.Added[len(res.Added)-1]
			tree, err := parser.ParseFile(token.NewFileSet(), last.Name, last.Text, 0)
			if err != nil || tree.Name.Name != "box" || !strings.Contains(last.Text, `const mark = "concdoctor zero touch `) {
				t.Errorf("stamp %q: %v", last.Text, err)
			}
		})
	}
}

// TestWrapper holds that a wrapper has the place of what it wraps, and nothing else of
// its file another than its own.
func TestWrapper(t *testing.T) {
	const wrapper = "package box\n\n// Lock locks.\nfunc (b *Box) Lock() {\n\tb.lockPlain()\n}\n\nfunc more() {}\n"
	for name, tt := range map[string]struct{ source, place string }{
		"as it is":      {source, "dir"},
		"with coverage": {"//line /go/src/box/box.go:1\n" + source, "/go/src/box"},
	} {
		t.Run(name, func(t *testing.T) {
			set := Set{Ops: []Op{Rename{Func: "(*Box).Lock", To: "lockPlain"}}, Files: []File{{Name: "added.go", Text: wrapper}}}
			res, err := apply(t, set, target, tt.source)
			if err != nil {
				t.Fatal(err)
			}
			p := "//line " + tt.place + "/box.go:18\n"
			want := "package box\n\n// Lock locks.\n" + p + "func (b *Box) Lock() {\n" + p + "\tb.lockPlain()\n" + p + "}\n//line " + tt.place + "/added.go:7\n\nfunc more() {}\n"
			if got := res.Added[0].Text; got != want {
				t.Errorf("added\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestConditions(t *testing.T) {
	tests := []struct {
		condition string
		target    Target
		want      bool
	}{
		{"", target, true},
		{"go1.26 && !go1.27", target, true},
		{"go1.26.8", target, true},
		{"go1.26.9", target, false},
		{"go1.25.9", target, false},
		{"go1.27", Target{GOOS: "linux", GOARCH: "amd64", GoVersion: "go1.27rc1"}, true},
		{"go1.28", Target{GOOS: "linux", GOARCH: "amd64", GoVersion: "go1.28-devel_0123abc Tue Nov 3"}, true},
		{"go1.28", Target{GOOS: "linux", GOARCH: "amd64", GoVersion: "devel go1.28-0123abc"}, true},
		{"go1.26.8", Target{GOOS: "linux", GOARCH: "amd64", GoVersion: "go1.26.8 X:nodwarf5"}, true},
		{"unix && !race", target, true},
		{"race", Target{GOOS: "linux", GOARCH: "amd64", GoVersion: "go1.26", Tags: []string{"race"}}, true},
		{"windows || darwin", target, false},
		{"arm64", Target{GOOS: "darwin", GOARCH: "arm64", GoVersion: "go1.26"}, true},
		{"goexperiment.goroutineleakprofile", target, false},
	}
	for _, tt := range tests {
		if got, err := tt.target.holds(tt.condition); err != nil || got != tt.want {
			t.Errorf("%q for %+v: %v, %v, want %v", tt.condition, tt.target, got, err, tt.want)
		}
	}
	res, err := apply(t, Set{Ops: []Op{Rename{Func: "gone", To: "x", If: "go1.27"}, Rename{Func: "wait", To: "x", If: "go1.26"}}}, target, source)
	if err != nil || len(res.Changed) != 1 {
		t.Errorf("Apply = %v, %v, want the operation that holds alone", res, err)
	}
}

func TestVersions(t *testing.T) {
	for version, want := range map[string]string{
		"go1.25": "", "go1.25.0": "", "go1.25rc1": "", "go1.27.4": "", "go1.28-devel_0123abc Tue": "", "devel go1.28-0123abc": "",
		"go1.24.13":   "zero touch does not support go1.24.13: it needs go1.25 or newer",
		"go1.9":       "zero touch does not support go1.9: it needs go1.25 or newer",
		"gollvm 12":   `zero touch does not support Go version "gollvm 12"`,
		"":            `zero touch does not support Go version ""`,
		"devel +0123": `zero touch does not support Go version "devel +0123"`,
	} {
		err := CheckVersion(version)
		if (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("CheckVersion(%q) = %v, want %q", version, err, want)
		}
	}
	if _, err := apply(t, Set{}, Target{GOOS: "linux", GOARCH: "amd64", GoVersion: "go1.24.1"}, source); err == nil {
		t.Error("Apply took a version that CheckVersion refuses")
	}
}

func TestOtherPackagesStay(t *testing.T) {
	l, err := New([]Set{{Package: "box", Ops: []Op{Exists{Name: "nothing"}}}})
	if err != nil {
		t.Fatal(err)
	}
	res, err := l.Apply("crate", target, []Source{{Name: "x.go", Text: []byte("no Go")}})
	if err != nil || len(res.Changed)+len(res.Added) != 0 || l.Changes("crate") || !l.Changes("box") {
		t.Errorf("Apply = %+v, %v", res, err)
	}
	if got := l.Packages(); !slices.Equal(got, []string{"box"}) {
		t.Errorf("Packages = %q", got)
	}
}
