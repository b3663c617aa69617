package toolexec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/internal/zerotouch/patch"
)

// ExitError is the exit status of a tool. The tool has said why itself.
type ExitError struct{ Status int }

func (e *ExitError) Error() string { return fmt.Sprintf("the tool's exit status is %d", e.Status) }

// Run does what the go command asks for in args, which follow the hidden subcommand. A
// tool that is not concerned takes the place of this process, where the system can do
// that. The error is an *ExitError if the tool failed.
func Run(list *patch.List, args []string) error {
	c, err := parseCall(args)
	if err != nil {
		return err
	}
	tool := strings.TrimSuffix(filepath.Base(c.tool), ".exe")
	if slices.Equal(c.args, []string{"-V=full"}) {
		if tool == "compile" || tool == "link" || tool == "asm" && list.Races() {
			return c.version(list)
		}
		return become(c.words(c.args))
	}
	if list.Races() {
		if err := c.watchAccesses(tool, list); err != nil {
			return err
		}
	}
	switch {
	case tool == "compile" && slices.Contains(c.args, "-std") && list.Changes(c.value("-p")):
		return c.compile(list)
	case tool == "compile" && !slices.Contains(c.args, "-std") && list.ChangesModule(c.value("-p")):
		// Of a version that is not known the module's own code is compiled.
		var unknown *patch.UnknownError
		var exit *ExitError
		if err := c.compile(list); !errors.As(err, &unknown) && !errors.As(err, &exit) {
			return err
		}
	case tool == "link":
		return c.link(list)
	}
	return become(c.words(c.args))
}

// command is a tool as a child with the streams of this process.
func command(words []string) *exec.Cmd {
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd
}

// run runs a tool as a child.
func run(cmd *exec.Cmd) error {
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return &ExitError{Status: max(exit.ExitCode(), 1)} // -1 is a signal
	case err != nil:
		return fmt.Errorf("running a tool of the go command: %w", err)
	}
	return nil
}

// version answers -V=full.
func (c *call) version(list *patch.List) error {
	var answer bytes.Buffer
	cmd := command(c.words(c.args))
	cmd.Stdout = &answer
	if err := run(cmd); err != nil {
		os.Stdout.Write(answer.Bytes())
		return err
	}
	if err := c.mark("asked"); err != nil {
		return err
	}
	_, err := io.WriteString(os.Stdout, versionWith(answer.String(), list.Hash()))
	return err
}

// versionWith adds the hash to an answer. Of a development version the go command reads
// the end of the last word alone, which begins with buildID=.
func versionWith(answer, hash string) string {
	line := strings.TrimRight(answer, "\r\n")
	if last := line[strings.LastIndexByte(line, ' ')+1:]; strings.HasPrefix(last, "buildID=") {
		return line + "+concdoctor-" + hash + "\n"
	}
	return line + " concdoctor-" + hash + "\n"
}

// link runs the linker and looks for the stamp in what it made.
func (c *call) link(list *patch.List) error {
	cmd := command(c.words(c.args))
	if list.Races() {
		cmd.Stdout = &withoutLine{to: os.Stdout, line: noRaceLibrary}
	}
	if err := run(cmd); err != nil {
		return err
	}
	output := c.value("-o")
	if output == "" {
		return nil // a question, such as -h
	}
	found, err := Stamped(output, list.Stamp())
	switch {
	case err != nil:
		return err
	case !found:
		return fmt.Errorf("the program %s was built without zero touch: it does not have the runtime that this build has changed. "+
			"Does it use a prebuilt standard library (-linkshared)?", filepath.Base(output))
	}
	return c.mark("linked")
}

// mark leaves a file that says what happened.
func (c *call) mark(what string) error {
	if c.Marks == "" {
		return nil
	}
	f, err := os.CreateTemp(c.Marks, what+"-*")
	if err != nil {
		return fmt.Errorf("writing a mark of a build: %w", err)
	}
	return f.Close()
}

// Marks says what the calls of a build have left in a directory.
type Marks struct {
	Asked  int // questions for the version of a tool: a build begins with them
	Linked int // programs that carry the stamp
}

// ReadMarks reads the marks of a directory.
func ReadMarks(dir string) (Marks, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return Marks{}, fmt.Errorf("reading the marks of a build: %w", err)
	}
	var m Marks
	for _, e := range entries {
		switch what, _, _ := strings.Cut(e.Name(), "-"); what {
		case "asked":
			m.Asked++
		case "linked":
			m.Linked++
		}
	}
	return m, nil
}

// Stamped reports whether a file contains the stamp.
func Stamped(name, stamp string) (bool, error) {
	file, err := os.Open(name)
	if err != nil {
		return false, fmt.Errorf("looking for the stamp: %w", err)
	}
	defer file.Close()
	buf := make([]byte, 1<<20)
	kept := 0 // bytes from the end of the last piece, for a stamp that lies across
	for {
		n, err := file.Read(buf[kept:])
		if bytes.Contains(buf[:kept+n], []byte(stamp)) {
			return true, nil
		}
		switch {
		case errors.Is(err, io.EOF):
			return false, nil
		case err != nil:
			return false, fmt.Errorf("looking for the stamp: %w", err)
		}
		end := kept + n
		kept = copy(buf, buf[max(0, end-len(stamp)):end])
	}
}
