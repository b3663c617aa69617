package main

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// The programs as tests: each function waits for the goroutines that its text starts, as the
// tests did that they were made of, and does without the profile. What it repeats many
// times to be sure of the bug it does once where the environment says so.
const (
	onceVariable = "GOKER_ONCE"
	crowdGo      = `package main

import (
	"os"
	"sync"
)

// crowd is the goroutines that a test waits for.
type crowd struct{ sync.WaitGroup }

// many is how often a test repeats what it does.
func many(n int) int {
	if os.Getenv("` + onceVariable + `") != "" {
		return 1
	}
	return n
}
`
)

// edit is a change of a file: new text in place of what is between two offsets.
type edit struct {
	from, to int
	text     string
}

// writeTests turns the programs in a directory into tests.
func writeTests(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return err
	}
	tests := "package main\n\nimport \"testing\"\n"
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, m := range registration.FindAllSubmatch(data, -1) {
			if data, err = asTest(name, data, string(m[1])); err != nil {
				return err
			}
			tests += fmt.Sprintf("\nfunc Test%s(t *testing.T) { %s() }\n", m[1], m[1])
		}
		if err := os.WriteFile(name, data, 0o600); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "crowd.go"), []byte(crowdGo), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "all_test.go"), []byte(tests), 0o600)
}

// asTest changes the function of a program.
func asTest(name string, data []byte, function string) ([]byte, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, data, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(file.Decls, func(d ast.Decl) bool {
		f, is := d.(*ast.FuncDecl)
		return is && f.Recv == nil && f.Name.Name == function
	})
	if i < 0 {
		return nil, fmt.Errorf("%s: there is no %s", name, function)
	}
	at := func(p token.Pos) int { return set.Position(p).Offset }
	body := file.Decls[i].(*ast.FuncDecl).Body
	edits := []edit{{at(body.Lbrace) + 1, at(body.Lbrace) + 1, " var all crowd;"}, {at(body.Rbrace), at(body.Rbrace), "; all.Wait() "}}
	edits = append(edits, edit{at(body.List[0].Pos()), at(body.List[0].Pos()), "_ = os.Stdout; "})
	for _, s := range body.List {
		edits = append(edits, editStatement(s, at, data)...)
	}
	ast.Inspect(body, func(n ast.Node) bool {
		if x, is := n.(*ast.GoStmt); is {
			edits = append(edits, edit{at(x.Pos()), at(x.Pos()) + len("go"), "all.Go(func() {"}, edit{at(x.End()), at(x.End()), " })"})
		}
		return true
	})
	slices.SortFunc(edits, func(a, b edit) int { return b.from - a.from })
	for _, e := range edits {
		data = slices.Concat(data[:e.from], []byte(e.text), data[e.to:])
	}
	return data, nil
}

// editStatement changes one statement of a program's function: the profile that it writes at
// its end, or how often it does what it does.
func editStatement(s ast.Stmt, at func(token.Pos) int, data []byte) (edits []edit) {
	text := string(data[at(s.Pos()):at(s.End())])
	switch x := s.(type) {
	case *ast.DeferStmt:
		if i := strings.Index(text, "prof.WriteTo(os.Stdout, 2)"); i >= 0 {
			from := at(s.Pos())
			return []edit{{from, from + len("defer "), "_ = "}, {from + i, from + i + len("prof.WriteTo(os.Stdout, 2)"), "_ = prof"}, {at(s.End()) - len("()"), at(s.End()), ""}}
		}
	case *ast.ForStmt:
		if c, is := x.Cond.(*ast.BinaryExpr); is {
			edits = append(edits, edit{at(c.Y.Pos()), at(c.Y.Pos()), "many("}, edit{at(c.Y.End()), at(c.Y.End()), ")"})
		}
	}
	return edits
}

// buildTests makes the tests of the programs and builds them for zero touch.
func (b *built) buildTests(ctx context.Context) error {
	dir := filepath.Join(b.dir, "tests")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(b.dir, "original"))); err != nil {
		return err
	}
	if err := writeTests(dir); err != nil {
		return err
	}
	b.tests = filepath.Join(b.dir, "tests.test")
	cmd := exec.CommandContext(ctx, b.doctor, "test", "-c", "-vet=off", "-o", b.tests, ".")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building the tests: %w\n%s", err, bytes.TrimSpace(out))
	}
	return nil
}
