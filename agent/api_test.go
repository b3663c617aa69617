package agent_test

import (
	"bytes"
	"go/ast"
	"go/build"
	"go/parser"
	"go/printer"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// TestHasEveryNameOfSync fails when Go adds a name to package sync, a method or an
// exported field to one of its types, or changes a signature, and the agent lacks it.
func TestHasEveryNameOfSync(t *testing.T) {
	ours := exported(t, ".")
	theirs := exported(t, filepath.Join(build.Default.GOROOT, "src", "sync"))
	for name, want := range theirs {
		owner, _, _ := strings.Cut(name, ".")
		if ours[owner] == "= sync."+owner {
			continue // an alias: all comes with it
		}
		switch got, ok := ours[name]; {
		case !ok:
			t.Errorf("sync.%s %s has no counterpart", name, want)
		case got != want:
			t.Errorf("agent.%s is %q, sync's is %q", name, got, want)
		}
	}
	for _, name := range []string{"Mutex.TryLock", "Cond.L", "OnceValues", "WaitGroup.Go"} { // the comparison looks at all of these
		if theirs[name] == "" {
			t.Errorf("sync.%s was not looked at", name)
		}
	}
}

// TestAddsNoMethodToSync fails when a type has a method that sync's lacks: code that
// uses it could not be swapped back.
func TestAddsNoMethodToSync(t *testing.T) {
	theirs := exported(t, filepath.Join(build.Default.GOROOT, "src", "sync"))
	for name := range exported(t, ".") {
		owner, member, isMember := strings.Cut(name, ".")
		if _, known := theirs[owner]; known && isMember && theirs[name] == "" {
			t.Errorf("agent.%s has %s, sync's has not", owner, member)
		}
	}
}

// exported returns the exported names of the package in dir with what they are:
// functions by name, methods and fields of structs as T.M, types by name.
func exported(t *testing.T, dir string) map[string]string {
	t.Helper()
	pkg, err := build.Default.ImportDir(dir, 0) // build constraints hold; none of ours is set
	if err != nil {
		t.Fatal(err)
	}
	api := make(map[string]string)
	files := token.NewFileSet()
	for _, name := range pkg.GoFiles {
		file, err := parser.ParseFile(files, filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			addDecl(api, decl)
		}
	}
	if len(api) == 0 {
		t.Fatalf("no exported names in %s", dir)
	}
	return api
}

func addDecl(api map[string]string, decl ast.Decl) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if !d.Name.IsExported() {
			return
		}
		name := d.Name.Name
		if d.Recv != nil {
			owner, pointer := receiver(d.Recv.List[0].Type)
			if !ast.IsExported(owner) {
				return
			}
			name = owner + "." + name
			if pointer {
				api[name] = "pointer "
			}
		}
		api[name] += signature(d.Type)
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if ts, ok := spec.(*ast.TypeSpec); ok && ts.Name.IsExported() {
				addType(api, ts)
			}
		}
	}
}

func receiver(e ast.Expr) (owner string, pointer bool) {
	if star, ok := e.(*ast.StarExpr); ok {
		owner, _ = receiver(star.X)
		return owner, true
	}
	if id, ok := e.(*ast.Ident); ok {
		return id.Name, false
	}
	return "", false
}

func addType(api map[string]string, ts *ast.TypeSpec) {
	if ts.Assign.IsValid() {
		api[ts.Name.Name] = "= " + text(ts.Type)
		return
	}
	s, ok := ts.Type.(*ast.StructType)
	if !ok {
		api[ts.Name.Name] = text(ts.Type)
		return
	}
	api[ts.Name.Name] = "struct"
	for _, field := range s.Fields.List {
		for _, name := range field.Names {
			if name.IsExported() {
				api[ts.Name.Name+"."+name.Name] = text(field.Type)
			}
		}
	}
}

// signature returns the types of a function without the names of its parameters.
func signature(f *ast.FuncType) string {
	out := "func(" + types(f.Params) + ")(" + types(f.Results) + ")"
	if f.TypeParams != nil {
		out = "[" + text(&ast.FuncType{Params: f.TypeParams}) + "]" + out
	}
	return out
}

func types(list *ast.FieldList) string {
	var all []string
	if list != nil {
		for _, field := range list.List {
			for range max(1, len(field.Names)) {
				all = append(all, text(field.Type))
			}
		}
	}
	return strings.Join(all, ", ")
}

func text(node any) string {
	var b bytes.Buffer
	if err := printer.Fprint(&b, token.NewFileSet(), node); err != nil {
		panic(err)
	}
	return b.String()
}
