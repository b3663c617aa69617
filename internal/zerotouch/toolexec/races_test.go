package toolexec

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/internal/zerotouch/patch"
)

// TestToolsForRaces: the compiler gets the instrumentation for all packages, the assembler an empty
// file for one that is left out, and the linker's word about the missing library is left out.
func TestToolsForRaces(t *testing.T) {
	b := newBench(t, "box")
	call := func(tool string, args ...string) result {
		t.Helper()
		if err := os.RemoveAll(b.log); err != nil {
			t.Fatal(err)
		}
		return b.call(t, Config{Races: true}, "", append([]string{b.path(tool)}, args...)...)
	}
	r := call("compile", "-p", "example.com/mine", "mine.go")
	if len(r.calls) != 1 || !slices.Equal(r.calls[0].Args, []string{"-race", "-d=checkptr=0", "-p", "example.com/mine", "mine.go"}) {
		t.Errorf("compile: %+v", r)
	}
	if r := call("compile", "-race", "-p", "example.com/mine", "mine.go"); r.status == 0 || !strings.Contains(r.stderr, "not by both") {
		t.Errorf("compile with -race: %+v", r)
	}
	r = call("asm", "-p", "box", "-o", b.path("out.o"), b.path("old.s"), b.path("kept.s"))
	if len(r.calls) != 1 || r.calls[0].Args[4] != b.path("concdoctor-old.s") || r.calls[0].Args[5] != b.path("kept.s") {
		t.Errorf("asm: %+v", r)
	}
	if text, err := os.ReadFile(b.path("concdoctor-old.s")); err != nil || len(text) > 0 {
		t.Errorf("the file in its place: %q, %v", text, err)
	}
	if r := call("asm", "-p", "lid", "-o", b.path("out.o"), b.path("old.s")); r.calls[0].Args[4] != b.path("old.s") {
		t.Errorf("asm of another package: %+v", r)
	}
	list, err := patch.NewForRaces(lists["box"])
	if err != nil {
		t.Fatal(err)
	}
	b.env = append(b.env, "FAKE_STDOUT=before\n"+noRaceLibrary+"after\n", "FAKE_PROGRAM="+list.Stamp())
	r = call("link", "-o", b.path("prog"), "main.a")
	if r.status != 0 || r.stdout != "before\nafter\n" || !slices.Equal(r.calls[0].Args, []string{"-race", "-o", b.path("prog"), "main.a"}) {
		t.Errorf("link: %+v", r)
	}
	b.env = append(b.env, "FAKE_STDOUT=asm version go1.26.8\n")
	if r := call("asm", "-V=full"); !strings.HasSuffix(r.stdout, "concdoctor-"+list.Hash()+"\n") {
		t.Errorf("the version of the assembler: %+v", r)
	}
}
