package input

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// UnknownError says that an input holds nothing that the analyzer reads.
type UnknownError struct {
	// Name is the input, Looks what it seems to be, Next what the user can do.
	Name, Looks, Next string
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("%s: it looks like %s; %s", e.Name, e.Looks, e.Next)
}

// NextAgain is what to do about an input that is cut off.
const NextAgain = "take it again and let the writer finish: a trace ends with trace.Stop, a profile with the end of its download"

// explainOpen turns an error of os.Open into one with the next step.
func explainOpen(name string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist) && strings.HasSuffix(name, "*"):
		return fmt.Errorf("opening %s: there is no such file; a program that concdoctor build made leaves one if CONCDOCTOR_TAPE_DIR names an existing directory with room, and says if it cannot", name)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("opening %s: no such file; check the path (it is relative to the current directory)", name)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("opening %s: permission denied; make it readable first: chmod +r %s", name, name)
	}
	return fmt.Errorf("opening %s: %w", name, err)
}
