package finding

import (
	"strings"
	"testing"
)

// The names are those that Go 1.26 and 1.27 gave to one program's functions.
func TestFunctionNames(t *testing.T) {
	const (
		bank  = "/home/me/clo/bank/bank.go"
		std   = "/usr/local/go/src/sync/oncefunc.go"
		cache = "/root/go/pkg/mod/github.com/!azure/sdk/v4@v4.1.0/pool/pool.go"
	)
	for _, tt := range []struct {
		function, file string
		want           string // Function
		stable         string // "" if it is the same
	}{
		// Plain functions and methods.
		{"main.run", "", "main.run", ""},
		{"example.com/clo/bank.(*Account).Move", bank, "example.com/clo/bank.(*Account).Move", ""},
		{"example.com/clo/bank.Value.Move", bank, "example.com/clo/bank.Value.Move", ""},
		{"example.com/clo/bank.(*Account).Move-fm", bank, "example.com/clo/bank.(*Account).Move", ""},
		{"main.Map[...]", "", "main.Map[...]", "main.Map"},
		{"main.(*Box[go.shape.struct { example.com/x/y.A int }]).Do", "", "main.(*Box[...]).Do", "main.(*Box).Do"},
		{"main.(*T·1).Do", "", "main.(*T).Do", ""},
		{"main.init.0", "", "main.init.0", "main.init"},
		{"main.func1ction", "", "main.func1ction", ""},
		{"main.func1", "", "main.func1", ""}, // declared so
		{"main.(*T).func1", "", "main.(*T).func1", ""},
		{"gosave", "", "gosave", ""},
		{"", "", "", ""},

		// Closures that were compiled where they are declared.
		{"main.run.func12", "", "main.run.func", ""},
		{"main.run.func12.3.1", "", "main.run.func.func.func", ""},
		{"main.V.m.func1", "", "main.V.m.func", "main.m.func"},
		{"main.(*V).m.func1", "", "main.(*V).m.func", ""},
		{"main.Map[go.shape.int].func1", "", "main.Map[...].func", "main.Map.func"},
		{"main.init.func1", "", "main.init.func", ""},
		{"main.glob..func1", "", "main.init.func", ""},
		{"main.init.0.func1", "", "main.init.0.func", "main.init.func"},
		{"main.run.gowrap1", "", "main.run.gowrap", "main.run"},
		{"main.run.func1.deferwrap2", "", "main.run.func.deferwrap", "main.run.func"},
		{"main.run-range1", "", "main.run", ""},
		{"main.run.func3-range1", "", "main.run.func", ""},

		// Inlined: first as Go 1.26 names it, then as 1.27 does.
		{"main.main.spawn.func9", "/home/me/clo/main.go", "main.spawn.func", ""},
		{"main.spawn.func1", "/home/me/clo/main.go", "main.spawn.func", ""},
		{"main.main.outer2.spawn.func29", "", "main.spawn.func", ""},
		{"main.main.func4.spawn.1", "", "main.spawn.func", ""},
		{"main.spawn.1", "", "main.spawn.func", ""},
		{"main.main.func2.main.func2.1.2", "", "main.main.func.func.func", ""},
		{"main.main.func2.1.1", "", "main.main.func.func.func", ""},
		{"main.main.main.func3.func10", "", "main.main.func.func", ""},
		{"main.main.func3.func1", "", "main.main.func.func", ""},
		{"main.main.main.nested.func11.func12", "", "main.nested.func.func", ""},
		{"main.nested.func1.func1", "", "main.nested.func.func", ""},
		{"main.main.(*V).p.func24", "", "main.(*V).p.func", ""},
		{"main.main.V.m.func23", "", "main.V.m.func", "main.m.func"},
		{"main.main.Gen[...].func20", "", "main.Gen[...].func", "main.Gen.func"},
		{"main.main.(*Box[...]).Do.func22", "", "main.(*Box[...]).Do.func", "main.(*Box).Do.func"},
		{"main.init.spawn.func3", "", "main.spawn.func", ""},
		{"example.com/bank.TestMove.start.func2", "", "example.com/bank.start.func", ""},
		{"main.ranged.Seq.ranged-range1.func4", "", "main.ranged.func", ""},
		{"main.ranged-range1.func1", "", "main.ranged.func", ""},
		{"main.ranged.Seq.ranged-range1-range3", "", "main.ranged", ""},
		{"main.ranged-range1-range1", "", "main.ranged", ""},
		{"main.ranged.func3.Seq.ranged.func3-range1.2", "", "main.ranged.func.func", ""},
		{"main.ranged.func1-range1.1", "", "main.ranged.func.func", ""},
		{"main.V.ranged.Seq.V.ranged-range1.func4", "", "main.V.ranged.func", "main.ranged.func"},

		// The file tells the package from which a function was inlined.
		{"main.main.OnceFunc.func25.1", std, "sync.OnceFunc.func.func", ""},
		{"sync.OnceFunc.func1.1", std, "sync.OnceFunc.func.func", ""},
		{"main.main.OnceFunc.func25.1", "sync/oncefunc.go", "sync.OnceFunc.func.func", ""},
		{"main.main.OnceFunc.func25.1", `C:\Program Files\Go\src\sync\oncefunc.go`, "sync.OnceFunc.func.func", ""},
		{"main.main.Start.func2", cache, "github.com/Azure/sdk/v4/pool.Start.func", ""},
		{"main.main.Start.func2", "github.com/Azure/sdk/v4@v4.1.0/pool/pool.go", "github.com/Azure/sdk/v4/pool.Start.func", ""},
		{"main.main.Start.func2", "/app/vendor/github.com/Azure/sdk/v4/pool/pool.go", "github.com/Azure/sdk/v4/pool.Start.func", ""},
		{"main.main.(*Pool).Start.func2", cache, "github.com/Azure/sdk/v4/pool.(*Pool).Start.func", ""},
		{"main.main.parse.func2", "gopkg.in/yaml.v3@v3.0.1/parse.go", "gopkg.in/yaml%2ev3.parse.func", ""},
		{"gopkg.in/yaml%2ev3.parse.func1", "gopkg.in/yaml.v3@v3.0.1/parse.go", "gopkg.in/yaml%2ev3.parse.func", ""},
		// It does not in the module that is built, nor does a folder that is called so.
		{"main.main.Do.func3", bank, "main.Do.func", ""},
		{"main.main.Do.func3", "/home/me@work/src/log/log.go", "main.Do.func", ""},
	} {
		f := Frame{Func: tt.function, File: tt.file}
		if got := f.Function(); got != tt.want {
			t.Errorf("%s: function %q, want %q", tt.function, got, tt.want)
		}
		want := tt.stable
		if want == "" {
			want = tt.want
		}
		if got := stableFunc(f); got != want {
			t.Errorf("%s: in fingerprints %q, want %q", tt.function, got, want)
		}
		if pkg := f.Package(); tt.want != "" && tt.want[:len(pkg)] != pkg {
			t.Errorf("%s: package %q of %q", tt.function, pkg, tt.want)
		}
	}
}

func FuzzFunction(f *testing.F) {
	for _, name := range []string{"", ".", "glob.", "init.0", "a.b.func1.2", "a.(*T[b.c]).m-fm", "main.ranged.func3.Seq.ranged.func3-range1.2", "a.1", "a..func1", "a.)(.func1", "a.[.func1"} {
		f.Add(name, "/go/pkg/mod/a@v1/b.go")
	}
	f.Fuzz(func(t *testing.T, name, file string) {
		frame := Frame{Func: name, File: file}
		if pkg := frame.Package(); !strings.HasPrefix(frame.Function(), pkg) || !strings.HasPrefix(stableFunc(frame), pkg) {
			t.Errorf("%q: package %q of %q, %q", name, pkg, frame.Function(), stableFunc(frame))
		}
	})
}
