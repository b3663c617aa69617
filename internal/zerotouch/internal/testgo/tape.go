package testgo

import (
	"fmt"
	"path/filepath"

	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// OpenTape opens the tape in a directory, in which there must be one.
func OpenTape(dir string) (*tape.File, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.tape"))
	if err != nil {
		return nil, err
	}
	if len(names) != 1 {
		return nil, fmt.Errorf("%d tapes, want 1: %v", len(names), names)
	}
	return tape.Open(names[0])
}
