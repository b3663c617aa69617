package table

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestColumnsOfOthersStay(t *testing.T) {
	name := filepath.Join(t.TempDir(), "scenarios.md")
	first := new(Table).With([]Row{
		{Name: "one", Kind: "Mutex", Truth: "hangs", Cells: [columns]string{"deadlock (observed)", "", "silent"}},
		{Name: "two", Kind: "-", Truth: "harmless", Cells: [columns]string{"silent", "", "silent"}},
	}, Agent, GoDeadlock).WithTail("\n## More\n\n| no | row |\n")
	if err := first.Write(name); err != nil {
		t.Fatal(err)
	}
	read, err := Read(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first.String(), read.String()); diff != "" {
		t.Errorf("read back (-written +read):\n%s", diff)
	}
	second := read.With([]Row{
		{Name: "one", Kind: "Mutex", Truth: "hangs", Cells: [columns]string{ZeroTouch: "deadlock (proven)"}},
		{Name: "three", Kind: "-", Truth: "harmless", Cells: [columns]string{ZeroTouch: "silent"}},
	}, ZeroTouch)
	want := []Row{
		{"one", "Mutex", "hangs", [columns]string{"deadlock (observed)", "deadlock (proven)", "silent"}},
		{"three", "-", "harmless", [columns]string{"", "silent", ""}},
	}
	if diff := cmp.Diff(want, second.Rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if got := read.Cell("two", "-", Agent); got != "silent" {
		t.Errorf("cell %q, want silent", got)
	}
}
