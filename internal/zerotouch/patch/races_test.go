package patch

import (
	"slices"
	"strings"
	"testing"
)

func TestBody(t *testing.T) {
	res, err := apply(t, Set{Ops: []Op{Body{Func: "external", Insert: "return len(n)"}}}, target, source)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(res.Changed["dir/box.go"]); !strings.Contains(got, "func external(p unsafe.Pointer, n []uintptr) int { return len(n) }\n") {
		t.Errorf("changed:\n%s", got)
	}
	if _, err := apply(t, Set{Ops: []Op{Body{Func: "wait", Insert: "return"}}}, target, source); err == nil || !strings.Contains(err.Error(), "func wait has a body") {
		t.Errorf("a function with a body: %v", err)
	}
}

// TestWithout leaves files out, which must be there if they are Go.
func TestWithout(t *testing.T) {
	set := Set{Package: "box", Without: []string{"old.go", "old_arm64.s"}, Files: []File{{Name: "new.go", Text: "package box\n\nfunc old() {}\n"}}}
	l, err := NewForRaces([]Set{set})
	if err != nil {
		t.Fatal(err)
	}
	sources := []Source{{Name: "/src/box.go", Text: []byte(source)}, {Name: "/src/old.go", Text: []byte("package box\n\nfunc old()\n")}}
	res, err := l.Apply("box", target, sources)
	if err != nil || !slices.Equal(res.Omitted, []string{"/src/old.go"}) || len(res.Added) != 1 || len(res.Changed) != 0 {
		t.Errorf("Apply = %+v, %v", res, err)
	}
	if !l.Races() || !l.Omits("box", "old_arm64.s") || l.Omits("box", "box.go") || l.Omits("lid", "old.go") {
		t.Error("the list does not know what it leaves out")
	}
	if _, err := l.Apply("box", target, sources[:1]); err == nil || !strings.Contains(err.Error(), "there is no file old.go") {
		t.Errorf("a release without the file: %v", err)
	}
	plain, err := New([]Set{set})
	if err != nil || plain.Hash() == l.Hash() || plain.Races() {
		t.Errorf("lists with and without instrumentation are alike: %v", err)
	}
}
