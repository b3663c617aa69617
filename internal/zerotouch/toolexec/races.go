package toolexec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/internal/zerotouch/patch"
)

// watchAccesses changes the arguments of a tool for programs whose accesses to memory are watched.
//
// The compiler adds the calls that the race detector needs; it knows itself which packages
// of the runtime must not have them. That flag would also check conversions of pointers
// (-d=checkptr), which ends programs that run without it: it does not here, unless the user asks
// for it. The linker allows functions that must not grow the stack twice the stack, as the runtime
// with the tag race has it; it misses the library that it would add. The assembler gets empty files in place of those that the set leaves out.
func (c *call) watchAccesses(tool string, list *patch.List) error {
	switch tool {
	case "compile":
		for _, other := range []string{"-race", "-msan", "-asan"} {
			if slices.Contains(c.args, other) {
				return errors.New("accesses to memory are watched by concdoctor or by the go command's " + other + ", not by both")
			}
		}
		c.args = append([]string{"-race", "-d=checkptr=0"}, c.args...)
	case "link":
		c.args = append([]string{"-race"}, c.args...)
	case "asm":
		pkg := c.value("-p")
		for i, a := range c.args {
			name := filepath.Base(a)
			if !strings.HasSuffix(name, ".s") || !list.Omits(pkg, name) {
				continue
			}
			empty := filepath.Join(filepath.Dir(c.value("-o")), "concdoctor-"+name)
			if err := os.WriteFile(empty, nil, 0o666); err != nil {
				return fmt.Errorf("writing an empty file of assembly: %w", err)
			}
			c.args[i] = empty
		}
	}
	return nil
}

// noRaceLibrary is what the linker says where it does not find the library of the race detector,
// which nothing calls.
const noRaceLibrary = "loadinternal: cannot find runtime/race\n"

// withoutLine is a writer that leaves one line out.
type withoutLine struct {
	to   io.Writer
	line string
}

// Write expects whole lines, as the linker writes its messages when it ends.
func (w *withoutLine) Write(text []byte) (int, error) {
	if _, err := w.to.Write(bytes.Replace(text, []byte(w.line), nil, 1)); err != nil {
		return 0, err
	}
	return len(text), nil
}
