package toolexec

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const box = "package box\n\nfunc open() {\n}\n"

// compileBox calls the compiler as the go command does.
func compileBox(t *testing.T, b *bench, config Config, more ...string) result {
	t.Helper()
	write(t, b.path("box.go"), box)
	write(t, b.path("lid.go"), "package box\n")
	write(t, b.path("importcfg"), "# import config\npackagefile internal/abi=/cache/abi.a\n")
	output := filepath.Join(b.dir, "w", "_pkg_.a")
	if err := os.MkdirAll(filepath.Dir(output), 0o777); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"-o", output, "-trimpath", b.dir + "/w=>", "-p", "box", "-lang=go1.26", "-complete", "-goversion", "go1.26.8"}, more...)
	args = append(args, "-importcfg", b.path("importcfg"), "-pack", b.path("box.go"), b.path("lid.go"))
	return b.call(t, config, "", append([]string{b.path("compile")}, args...)...)
}

func TestCompile(t *testing.T) {
	b := newBench(t, "box")
	r := compileBox(t, b, Config{Chain: []string{b.path("chained")}}, "-std")
	if r.status != 0 || r.stderr != "" || len(r.calls) != 2 {
		t.Fatalf("got %+v", r)
	}
	c := r.calls[1]
	in := func(name string) string { return filepath.Join(b.dir, "w", "concdoctor", name) }
	want := []string{
		"-o", filepath.Join(b.dir, "w", "_pkg_.a"),
		"-trimpath", in("box.go") + "=>" + b.path("box.go") + ";" + in("seen.go") + "=>" + b.path("seen.go") + ";" + in("concdoctor_stamp.go") + "=>" + b.path("concdoctor_stamp.go") + ";" + b.dir + "/w=>",
		"-p", "box", "-lang=go1.26", "-goversion", "go1.26.8", "-std", // not -complete: seen has no body
		"-importcfg", b.path("importcfg"), "-pack",
		in("box.go"), b.path("lid.go"), in("seen.go"), in("concdoctor_stamp.go"),
	}
	if !slices.Equal(c.Args, want) {
		t.Errorf("compiled with %q\nwant %q", c.Args, want)
	}
	if got, want := c.Files[in("box.go")], "package box\n\nfunc open() { seen(); \n}\n"; got != want {
		t.Errorf("compiled %q, want %q", got, want)
	}
}

func TestCompileOfAnotherBox(t *testing.T) {
	b := newBench(t, "box")
	r := compileBox(t, b, Config{}) // a user's package of that name is not in the standard library
	if r.status != 0 || len(r.calls) != 1 || r.calls[0].Files[b.path("box.go")] != box {
		t.Errorf("got %+v", r)
	}
}

// TestCompileFailsClosed: nothing is compiled where something is not as expected.
func TestCompileFailsClosed(t *testing.T) {
	tests := []struct {
		name, list string
		args       []string
		want       string
	}{
		{"a source that is not known", "unknown", []string{"-std"}, "concdoctor: zero touch does not support go1.26.8 (package box): lid is declared 0 times, want 1\n"},
		{"an import that is not prepared", "imports", []string{"-std"}, "concdoctor: zero touch does not support go1.26.8 (package box): it does not import lid\n"},
		{"files that are not there", "box", []string{"-std", "gone.go"}, "concdoctor: reading a source to patch: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, tt.list)
			if tt.name == "files that are not there" {
				r := b.call(t, Config{}, "", b.path("compile"), "-p", "box", "-std", "-goversion", "go1.26.8", "gone.go")
				if r.status != 1 || len(r.calls) != 0 || !strings.HasPrefix(r.stderr, tt.want) {
					t.Errorf("got %+v", r)
				}
				return
			}
			r := compileBox(t, b, Config{}, tt.args...)
			if r.status != 1 || len(r.calls) != 0 || r.stderr != tt.want {
				t.Errorf("got %+v", r)
			}
		})
	}
	t.Run("a changed source that does not compile", func(t *testing.T) {
		b := newBench(t, "box")
		b.env = append(b.env, "FAKE_STATUS=2", "FAKE_STDERR=box.go:3: undefined: x\n")
		r := compileBox(t, b, Config{}, "-std")
		if r.status != 2 || r.stderr != "box.go:3: undefined: x\nconcdoctor: zero touch does not support go1.26.8 (package box): its changed source does not compile, see above\n" {
			t.Errorf("got %+v", r)
		}
	})
}

// TestHome: added files lie where the originals do, also where copies are compiled.
func TestHome(t *testing.T) {
	t.Setenv("GOROOT", "/usr/go")
	c := &call{args: []string{"-o", "/tmp/w/_pkg_.a", "-p", "internal/box"}}
	for name, want := range map[string]string{"/usr/go/src/internal/box/box.go": "/usr/go/src/internal/box", "/tmp/w/box.cover.go": "/usr/go/src/internal/box"} {
		if got := c.home([]string{name}); got != want {
			t.Errorf("beside %s: %s, want %s", name, got, want)
		}
	}
}

func TestShown(t *testing.T) {
	t.Setenv("GOROOT", "/usr/go")
	for _, tt := range []struct{ trimpath, name, want string }{
		{"/tmp/w=>", "/usr/go/src/sync/mutex.go", "$GOROOT/src/sync/mutex.go"},
		{"/usr/go/src/sync=>sync;/tmp/w=>", "/usr/go/src/sync/mutex.go", "sync/mutex.go"},
		{"/tmp/w=>", "/tmp/w/mutex.cover.go", "mutex.cover.go"},
		{"/tmp/w=>/elsewhere", "/tmp/w/mutex.go", "/elsewhere/mutex.go"},
		{"/tmp/w=>", "/tmp/world/mutex.go", "/tmp/world/mutex.go"},
		{"/tmp/w/a.go=>/b.go", "/tmp/w/a.go", "/b.go"},
		{"", "/usr/gopher/a.go", "/usr/gopher/a.go"},
	} {
		c := &call{args: []string{"-trimpath", tt.trimpath}}
		if got := c.shown(tt.name); got != tt.want {
			t.Errorf("-trimpath %s shows %s as %s, want %s", tt.trimpath, tt.name, got, tt.want)
		}
	}
}
