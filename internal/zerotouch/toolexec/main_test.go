package toolexec

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/internal/zerotouch/patch"
)

// TestMain lets the test binary be the program that the go command calls, with the list
// of the test that TOOLEXEC_TEST_LIST names, and a tool that tells how it was called.
func TestMain(m *testing.M) {
	name := strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
	switch {
	case len(os.Args) > 1 && os.Args[1] == Command:
		os.Exit(wrapper(patch.New, os.Args[2:]))
	case len(os.Args) > 1 && os.Args[1] == CommandForRaces:
		os.Exit(wrapper(patch.NewForRaces, os.Args[2:]))
	case name == "compile" || name == "link" || name == "asm" || name == "chained":
		os.Exit(fakeTool(name, os.Args[1:]))
	}
	os.Exit(m.Run())
}

func wrapper(newList func([]patch.Set) (*patch.List, error), args []string) int {
	list, err := newList(lists[os.Getenv("TOOLEXEC_TEST_LIST")])
	if err == nil {
		err = Run(list, args)
	}
	var exit *ExitError
	switch {
	case errors.As(err, &exit):
		return exit.Status
	case err != nil:
		fmt.Fprintln(os.Stderr, "concdoctor:", err)
		return 1
	}
	return 0
}

// called is what a fake tool tells of its call.
type called struct {
	Name  string
	Args  []string
	Stdin string
	// Files are the texts of source files among the arguments.
	Files map[string]string
}

// fakeTool writes how it was called to FAKE_LOG and does what FAKE_* says.
func fakeTool(name string, args []string) int {
	if name == "chained" {
		appendLog(called{Name: name, Args: args})
		for !filepath.IsAbs(args[0]) { // its own words
			args = args[1:]
		}
		return fakeTool(strings.TrimSuffix(filepath.Base(args[0]), ".exe"), args[1:])
	}
	in, err := io.ReadAll(os.Stdin)
	if err != nil {
		return 99
	}
	c := called{Name: name, Args: args, Stdin: string(in), Files: map[string]string{}}
	for i, a := range args {
		if text, err := os.ReadFile(a); err == nil && strings.HasSuffix(a, ".go") {
			c.Files[a] = string(text)
		}
		if a == "-o" && name == "link" {
			if err := os.WriteFile(args[i+1], []byte(os.Getenv("FAKE_PROGRAM")), 0o666); err != nil {
				return 99
			}
		}
	}
	appendLog(c)
	fmt.Print(os.Getenv("FAKE_STDOUT"))
	fmt.Fprint(os.Stderr, os.Getenv("FAKE_STDERR"))
	status, err := strconv.Atoi(os.Getenv("FAKE_STATUS"))
	if err != nil {
		return 0
	}
	return status
}

func appendLog(c called) {
	f, err := os.OpenFile(os.Getenv("FAKE_LOG"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err == nil {
		err = errors.Join(json.NewEncoder(f).Encode(c), f.Close())
	}
	if err != nil {
		panic(err)
	}
}
