package render

import (
	"fmt"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Many inputs of one kind are one line, with their sums; others keep their own.
func TestFoldInputs(t *testing.T) {
	inputs := []finding.Input{{Name: "trace.out", Kind: "execution trace"}}
	for i := range maxInputs {
		inputs = append(inputs, finding.Input{Name: fmt.Sprint(i), Kind: "recording", Events: 2, Nanos: 3, Bytes: 4})
	}
	if got := foldInputs(inputs); len(got) != len(inputs) {
		t.Errorf("%d lines of %d inputs", len(got), len(inputs))
	}
	inputs = append(inputs, inputs[1])
	got := foldInputs(inputs)
	want := finding.Input{Name: fmt.Sprintf("0 and %d more", maxInputs), Kind: "recording", Events: 2 * (maxInputs + 1), Nanos: 3 * (maxInputs + 1), Bytes: 4 * (maxInputs + 1)}
	if len(got) != 2 || got[0] != inputs[0] || got[1] != want {
		t.Errorf("folded to %+v", got)
	}
}
