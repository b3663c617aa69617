package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// variant is one build of serve.
type variant struct {
	name, program string
}

// source is the directory of serve, relative to the module's root.
const source = "testdata/servers/serve"

// build builds all variants into a directory of their own.
func (m *measuring) build() (err error) {
	if m.dir, err = os.MkdirTemp("", "concdoctor-servers-*"); err != nil {
		return err
	}
	root, err := output(".", "go", "list", "-m", "-f", "{{.Dir}}")
	if err != nil {
		return err
	}
	swapped, err := m.swap(root)
	if err != nil {
		return err
	}
	for _, v := range []struct {
		name string
		args []string
	}{
		{off, []string{"-tags=concdoctor_off"}},
		{detection, nil},
		{goDeadlock, []string{"-tags=concdoctor_off", "-overlay=" + swapped}},
	} {
		if err := m.add(root, v.name, append(v.args, "./"+source)...); err != nil {
			return err
		}
	}
	if m.peer == "" {
		return nil
	}
	dir, err := m.copyFor(root, m.peer)
	if err != nil {
		return err
	}
	return m.add(dir, peer, "-mod=mod", ".")
}

// The names of the variants.
const (
	off        = "off"
	detection  = "agent"
	goDeadlock = "go-deadlock"
	peer       = "peer"
)

func (m *measuring) add(dir, name string, args ...string) error {
	program := filepath.Join(m.dir, name)
	_, err := output(dir, "go", append([]string{"build", "-o", program}, args...)...)
	m.variants = append(m.variants, variant{name, program})
	return err
}

// swap writes an overlay in which go-deadlock has the place of package sync, as its users
// put it there: by an import. Channels are plain ones then.
func (m *measuring) swap(root string) (overlay string, err error) {
	files, err := filepath.Glob(filepath.Join(root, source, "*.go"))
	if err != nil {
		return "", err
	}
	replace := make(map[string]string)
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		to := filepath.Join(m.dir, filepath.Base(name)+".swapped.go")
		if err := os.WriteFile(to, []byte(swapImport(string(text))), 0o644); err != nil {
			return "", err
		}
		replace[name] = to
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(m.dir, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o644)
}

// swapImport has go-deadlock imported in place of package agent. Its conds are those of
// package sync, and its pools cannot be made in the same way.
func swapImport(text string) string {
	imports := `sync "github.com/sasha-s/go-deadlock"`
	if strings.Contains(text, "*sync.Cond") {
		imports += "\n\tstd \"sync\""
	}
	text = strings.Replace(text, `sync "github.com/concdoctor/concdoctor/agent"`, imports, 1)
	return strings.NewReplacer("*sync.Cond", "*std.Cond", "sync.Pool", "std.Pool").Replace(text)
}

// copyFor makes a module of serve that requires another checkout.
func (m *measuring) copyFor(root, checkout string) (dir string, err error) {
	if checkout, err = filepath.Abs(checkout); err != nil {
		return "", err
	}
	dir = filepath.Join(m.dir, "copy")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, source))); err != nil {
		return "", err
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		return "", err
	}
	module := fmt.Sprintf("module serve\n\ngo 1.25.0\n\nrequire github.com/concdoctor/concdoctor v0.0.0\n\nreplace github.com/concdoctor/concdoctor => %s\n", checkout)
	for name, text := range map[string][]byte{"go.mod": []byte(module), "go.sum": sums} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// output runs a command and returns what it prints, without the last line's end.
func output(dir, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", strings.Join(cmd.Args, " "), err)
	}
	return strings.TrimSuffix(string(out), "\n"), nil
}
