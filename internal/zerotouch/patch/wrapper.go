package patch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
)

// place gives the wrappers among the added files the file and line of what they wrap: a
// stack, a profile or a panic that names sync.(*Mutex).Lock says mutex.go with it, as
// programs and tests that read such things expect.
func (p *parsed) place(ops []Op, added []File) ([]File, error) {
	originals := make(map[string]token.Position)
	for _, op := range ops {
		if rename, ok := op.(Rename); ok {
			if f, err := p.function(rename.Func); err == nil { // else the operation says so
				// Where coverage is measured the source is a copy that says where it is from.
				originals[rename.Func] = p.fset.Position(f.decl.Pos())
			}
		}
	}
	placed := make([]File, len(added))
	for i, f := range added {
		text, err := placeIn(f, originals)
		if err != nil {
			return nil, err
		}
		placed[i] = File{Name: f.Name, Text: text}
	}
	return placed, nil
}

// placeIn puts a directive for the original before each line of a wrapper, of which none
// may begin inside a string, and one for the file itself behind the last.
func placeIn(file File, originals map[string]token.Position) (string, error) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file.Name, file.Text, parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	before := make(map[int]string) // by line
	for _, d := range tree.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		at, wraps := originals[funcName(f)]
		if !wraps {
			continue
		}
		end := set.Position(f.End()).Line
		for line := set.Position(f.Pos()).Line; line <= end; line++ {
			before[line] = directive(at.Filename, at.Line)
		}
		before[end+1] = directive(filepath.Join(filepath.Dir(at.Filename), file.Name), end+1)
	}
	var text strings.Builder
	number := 0
	for line := range strings.Lines(file.Text) {
		number++
		text.WriteString(before[number] + line)
	}
	return text.String(), nil
}

// directive says to the compiler where it is. It does not look for the file, and treats its
// name as it treats those on its command line.
func directive(file string, line int) string { return fmt.Sprintf("//line %s:%d\n", file, line) }
