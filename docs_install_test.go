package concdoctor_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	gomodule "golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// installation is concdoctor as the README installs it, from a module proxy of our own
// in a directory: so the very commands can be run without a network, on this code.
type installation struct {
	scratch  string // holds all the rest
	checkout string // a copy of it, in which commands may write
	bin      string // what go install made
	proxy    string // GOPROXY
}

// theInstallation is made once for all tests that need it; TestMain removes it.
var theInstallation = struct {
	sync.Once
	installation
	err error
}{}

func TestMain(m *testing.M) {
	status := m.Run()
	if theInstallation.scratch != "" {
		os.RemoveAll(theInstallation.scratch)
	}
	os.Exit(status)
}

const version = "v0.1.0"

// installCommand is the README's.
const installCommand = "go install github.com/concdoctor/concdoctor/cmd/concdoctor@latest"

func installed(t *testing.T) *installation {
	t.Helper()
	theInstallation.Do(func() { theInstallation.err = theInstallation.make(t) })
	if theInstallation.err != nil {
		t.Fatal(theInstallation.err)
	}
	return &theInstallation.installation
}

func (in *installation) make(t *testing.T) (err error) {
	t.Helper()
	if in.scratch, err = os.MkdirTemp("", "concdoctor-docs-"); err != nil {
		return err
	}
	in.checkout = copyOf(t, ".", in.scratch)
	in.bin = filepath.Join(in.scratch, "bin")
	if err := in.serve(goEnv(t, "GOMODCACHE")); err != nil {
		return err
	}
	cmd := exec.Command("sh", "-c", installCommand)
	cmd.Dir = in.scratch
	cmd.Env = append(os.Environ(), in.environment(installCommand)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return errors.New(installCommand + ": " + err.Error() + "\n" + string(out))
	}
	return nil
}

// serve writes this code as the only version of the module into a directory with the
// layout of a module proxy. All other modules come from the module cache.
func (in *installation) serve(modCache string) error {
	root := filepath.Join(in.scratch, "proxy")
	dir := filepath.Join(root, filepath.FromSlash(module), "@v")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		return err
	}
	for name, text := range map[string]string{
		"list": version + "\n", version + ".mod": string(mod),
		version + ".info": `{"Version":"` + version + `","Time":"2026-01-01T00:00:00Z"}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	file, err := os.Create(filepath.Join(dir, version+".zip"))
	if err != nil {
		return err
	}
	in.proxy = fileURL(root) + "," + fileURL(filepath.Join(modCache, "cache", "download"))
	return errors.Join(zip.CreateFromDir(file, gomodule.Version{Path: module, Version: version}, in.checkout), file.Close())
}

func fileURL(dir string) string {
	if runtime.GOOS == "windows" {
		return "file:///" + filepath.ToSlash(dir)
	}
	return "file://" + dir
}

// environment is what a command of the documents runs with: what was installed is in
// PATH, and what is fetched comes from the proxy.
func (in *installation) environment(line string) []string {
	env := []string{"PATH=" + in.bin + string(os.PathListSeparator) + os.Getenv("PATH"), "GOBIN=" + in.bin}
	if strings.HasPrefix(line, "go install ") || strings.HasPrefix(line, "go get ") {
		modCache := filepath.Join(in.scratch, "modcache") // the user's would keep this version for good
		env = append(env, "GOPROXY="+in.proxy, "GOSUMDB=off", "GOMODCACHE="+modCache, "GOFLAGS=-modcacherw")
	}
	return env
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatalf("go env %s: %v", name, err)
	}
	return strings.TrimSpace(string(out))
}

// copyOf copies a tree of files into a new directory.
func copyOf(t *testing.T, tree, into string) string {
	t.Helper()
	dir, err := os.MkdirTemp(into, "copy-")
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(tree, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to, err := filepath.Rel(tree, path)
		switch {
		case err != nil:
			return err
		case entry.Name() == ".git" && entry.IsDir():
			return filepath.SkipDir
		case entry.Name() == ".git": // a file in a linked worktree
			return nil
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(dir, to), 0o755)
		case !entry.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, to), text, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func newModule(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir, err := os.MkdirTemp(installed(t).scratch, "module-")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// withConcdoctor adds what makes the files a module that uses this checkout.
func withConcdoctor(t *testing.T, files map[string]string) map[string]string {
	t.Helper()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	// The same versions as here, so that nothing has to be looked up.
	requires := strings.TrimPrefix(readDocument(t, "go.mod"), "module "+module+"\n")
	files["go.mod"] = "module bank\n" + requires + "\nrequire " + module + " v0.0.0\n\nreplace " + module + " => " + root + "\n"
	files["go.sum"] = readDocument(t, "go.sum")
	return files
}
