package concdoctor_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// block is a fenced block of the README.
type block struct{ language, text string }

func readmeBlocks(t *testing.T) []block {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []block
	for i, part := range strings.Split(string(text), "\n```") {
		if i%2 == 1 {
			language, body, _ := strings.Cut(part, "\n")
			blocks = append(blocks, block{language, body})
		}
	}
	return blocks
}

// testCommand is the one line of the README that no test runs: it is the command
// that runs this test. CI takes it from the README.
const testCommand = "go test ./..."

// TestReadmeCommands runs every command of the README in a copy of the checkout.
func TestReadmeCommands(t *testing.T) {
	checkout := copyOfCheckout(t)
	sawTestCommand := false
	for _, b := range readmeBlocks(t) {
		if b.language != "sh" {
			continue
		}
		for line := range strings.Lines(b.text) {
			line = strings.TrimSpace(line)
			if line == testCommand {
				sawTestCommand = true
				continue
			}
			runLine(t, checkout, line)
		}
	}
	if !sawTestCommand {
		t.Errorf("the README does not say %q", testCommand)
	}
	if ci, err := os.ReadFile(".ci/run"); err != nil || !strings.Contains(string(ci), testCommand) {
		t.Errorf("CI does not call the README's test command (%v)", err)
	}
}

// findingsStatus is analyze's exit status where it found something.
const findingsStatus = 3

func runLine(t *testing.T, dir, line string) {
	t.Helper()
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	ok := err == nil || strings.HasPrefix(line, "./concdoctor analyze") && cmd.ProcessState.ExitCode() == findingsStatus
	if !ok {
		t.Errorf("%s: %v\n%s", line, err, out)
	}
	if len(out) == 0 && !strings.Contains(line, " -o ") {
		t.Errorf("%s: says nothing", line)
	}
}

func copyOfCheckout(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "concdoctor")
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.Name() == ".git" && entry.IsDir():
			return filepath.SkipDir
		case entry.Name() == ".git": // a file in a linked worktree
			return nil
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(dir, path), 0o755)
		case !entry.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, path), text, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// somebodysModule writes the program as a module of its own that uses this checkout.
func somebodysModule(t *testing.T, program string) (dir string) {
	t.Helper()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	mod := "module bank\n\ngo 1.26.0\n\nrequire github.com/concdoctor/concdoctor v0.0.0\n\nreplace github.com/concdoctor/concdoctor => " + root + "\n"
	for name, text := range map[string]string{"main.go": program, "go.mod": mod} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// readmeTexts returns the README's blocks in the language.
func readmeTexts(t *testing.T, language string) (texts []string) {
	t.Helper()
	for _, b := range readmeBlocks(t) {
		if b.language == language {
			texts = append(texts, b.text)
		}
	}
	if texts == nil {
		t.Fatalf("the README has no block in %s", language)
	}
	return texts
}

// TestReadmeProgram runs the README's first program and compares what the agent says
// with what the README shows.
func TestReadmeProgram(t *testing.T) {
	shown := strings.TrimSpace(readmeTexts(t, "text")[0])
	cmd := exec.Command("go", "run", ".")
	cmd.Dir = somebodysModule(t, readmeTexts(t, "go")[0])
	out, err := cmd.CombinedOutput()
	if first, _, _ := strings.Cut(string(out), "\n"); err != nil || first != shown {
		t.Errorf("%v\n%s\nthe README shows:\n%s", err, out, shown)
	}
}

// TestReadmeProgramsBuild builds the others, which run for ever.
func TestReadmeProgramsBuild(t *testing.T) {
	for _, program := range readmeTexts(t, "go")[1:] {
		cmd := exec.Command("go", "build", "-o", os.DevNull, ".")
		cmd.Dir = somebodysModule(t, program)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s\nin\n%s", err, out, program)
		}
	}
}
