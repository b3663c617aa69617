package agent_test

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestHasEveryNameOfSync fails when Go adds a name to package sync that the agent
// lacks, or a method to one of the types that it makes itself.
func TestHasEveryNameOfSync(t *testing.T) {
	ours := exported(t, ".")
	for name := range exported(t, filepath.Join(build.Default.GOROOT, "src", "sync")) {
		owner, _, isMethod := strings.Cut(name, ".")
		if isMethod && owner != "Mutex" && owner != "RWMutex" {
			continue // an alias: its methods come with it
		}
		if !ours[name] {
			t.Errorf("sync.%s has no counterpart", name)
		}
	}
}

// exported returns the exported names of the package in dir, methods as T.M.
func exported(t *testing.T, dir string) map[string]bool {
	t.Helper()
	notTest := func(info fs.FileInfo) bool { return !strings.HasSuffix(info.Name(), "_test.go") }
	packages, err := parser.ParseDir(token.NewFileSet(), dir, notTest, parser.SkipObjectResolution) //nolint:staticcheck // syntax is all that is asked
	if err != nil {
		t.Fatal(err)
	}
	names := make(map[string]bool)
	add := func(prefix string, id *ast.Ident) {
		if id.IsExported() {
			names[prefix+id.Name] = true
		}
	}
	for _, pkg := range packages {
		for _, file := range pkg.Files {
			for _, decl := range file.Decls {
				addDecl(decl, add)
			}
		}
	}
	if len(names) == 0 {
		t.Fatalf("no exported names in %s", dir)
	}
	return names
}

func addDecl(decl ast.Decl, add func(prefix string, id *ast.Ident)) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		prefix := ""
		if d.Recv != nil {
			star, ok := d.Recv.List[0].Type.(*ast.StarExpr)
			if !ok {
				return
			}
			owner, ok := star.X.(*ast.Ident)
			if !ok || !owner.IsExported() {
				return
			}
			prefix = owner.Name + "."
		}
		add(prefix, d.Name)
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if ts, ok := spec.(*ast.TypeSpec); ok {
				add("", ts.Name)
			}
		}
	}
}
