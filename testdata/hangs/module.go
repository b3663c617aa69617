package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The parts of the program that are made.
const (
	programGo = `package main

import (
	"flag"
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"strings"
	"sync"
	"time"

	"hangs/shapes"
)

// soak runs all healthy functions at once, each again and again.
func soak(long time.Duration) {
	var all sync.WaitGroup
	end := time.Now().Add(long)
	for name, f := range shapes.All {
		if strings.HasSuffix(name, "Healthy") {
			all.Go(func() {
				for time.Now().Before(end) {
					f()
				}
			})
		}
	}
	all.Wait()
}

func main() {
	listen := flag.Bool("listen", false, "serve the pages of net/http/pprof, and stay")
	long := flag.Duration("soak", 0, "run all healthy functions for this long")
	flag.Parse()
	if *listen {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		go http.Serve(l, nil)
		fmt.Fprintln(os.Stdout, "listening", l.Addr())
	}
	if *long > 0 {
		soak(*long)
	} else {
		shapes.All[flag.Arg(0)]()
	}
	if *listen {
		select {}
	}
}
`
	goMod = "module hangs\n\ngo 1.26\n"
)

// built are the programs, each with all shapes.
type built struct {
	dir    string
	doctor string
	// test and program are as they are, observedTest and observed for zero touch, and
	// agent has the agent in place of package sync, and proving besides a runtime that can
	// prove goroutines to be lost.
	test, program, observedTest, observed, agent, proving string
	// shapes is the directory of the sources that all but agent are built from.
	shapes string
}

// bin is where the programs are.
func (b *built) bin() string { return filepath.Dir(b.doctor) }

// program is one of the programs, or several.
type program uint8

const (
	plainMain program = 1 << iota
	plainTest
	observedMain
	observedTest
	agentMain
	provingMain
)

// build makes the module in dir and the programs that are needed.
func build(ctx context.Context, dir string, all []shape, needed program) (*built, error) {
	root, err := output(ctx, "", "go", "list", "-m", "-f", "{{.Dir}}", "github.com/concdoctor/concdoctor")
	if err != nil {
		return nil, err
	}
	bin := func(name string) string { return filepath.Join(dir, "bin", name) }
	b := &built{
		dir: dir, doctor: bin("concdoctor"), test: bin("shapes.test"), program: bin("program"),
		observedTest: bin("observed.test"), observed: bin("observed"), agent: bin("agent"), proving: bin("proving"),
		shapes: filepath.Join(dir, "plain", "shapes"),
	}
	plain, swapped := filepath.Join(dir, "plain"), filepath.Join(dir, "swapped")
	if err := writeModule(plain, goMod, all, nil); err != nil {
		return nil, err
	}
	withAgent := goMod + "\nrequire github.com/concdoctor/concdoctor v0.0.0\n\nreplace github.com/concdoctor/concdoctor => " + root + "\n"
	swap := strings.NewReplacer("\t\"sync\"\n", "\tsync \"github.com/concdoctor/concdoctor/agent\"\n")
	if err := writeModule(swapped, withAgent, all, swap); err != nil {
		return nil, err
	}
	for _, step := range []struct {
		of   program
		in   string
		args []string
	}{
		{0, root, []string{"go", "build", "-o", b.doctor, "./cmd/concdoctor"}},
		{plainMain, plain, []string{"go", "build", "-o", b.program, "."}},
		{plainTest, plain, []string{"go", "test", "-c", "-o", b.test, "./shapes"}},
		{observedMain, plain, []string{b.doctor, "build", "--", "-o", b.observed, "."}},
		{observedTest, plain, []string{b.doctor, "test", "-c", "-o", b.observedTest, "./shapes"}},
		{agentMain, swapped, []string{"go", "build", "-mod=mod", "-o", b.agent, "."}},
		{provingMain, swapped, []string{"env", "GOEXPERIMENT=goroutineleakprofile", "go", "build", "-mod=mod", "-o", b.proving, "."}},
	} {
		if step.of&needed != step.of {
			continue
		}
		if _, err := output(ctx, step.in, step.args...); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// output runs a command without cgo, which would switch off the runtime's own check.
func output(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%v: %w\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out)), nil
}

// writeModule writes the program with the shapes, which edit changes.
func writeModule(dir, mod string, all []shape, edit *strings.Replacer) error {
	files := map[string]string{"go.mod": mod, "main.go": programGo}
	table, tests := "package shapes\n\nvar All = map[string]func(){\n", "package shapes\n\nimport \"testing\"\n"
	for _, s := range all {
		for _, name := range []string{s.name, s.name + healthySuffix} {
			table += fmt.Sprintf("\t%q: %s,\n", name, name)
			tests += fmt.Sprintf("\nfunc Test%s(t *testing.T) { %s() }\n", name, name)
		}
	}
	files["shapes/all.go"], files["shapes/shapes_test.go"] = table+"}\n", tests
	entries, err := sources.ReadDir("shapes")
	if err != nil {
		return err
	}
	for _, e := range entries {
		data, err := sources.ReadFile("shapes/" + e.Name())
		if err != nil {
			return err
		}
		text := string(data)
		if edit != nil {
			text = edit.Replace(text)
		}
		files["shapes/"+e.Name()] = text
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}
