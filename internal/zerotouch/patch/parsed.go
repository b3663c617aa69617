package patch

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/internal/zerotouch/syntax"
)

// parsed is a package as it was, with the edits to be made.
type parsed struct {
	fset  *token.FileSet
	files []*sourceFile
}

// sourceFile is one file of the package.
type sourceFile struct {
	name  string
	src   []byte
	tok   *token.File
	tree  *ast.File
	edits []edit
}

func parse(sources []Source) (*parsed, error) {
	p := &parsed{fset: token.NewFileSet()}
	for _, s := range sources {
		tree, err := parser.ParseFile(p.fset, s.Name, s.Text, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			return nil, err
		}
		p.files = append(p.files, &sourceFile{name: s.Name, src: s.Text, tok: p.fset.File(tree.FileStart), tree: tree})
	}
	return p, nil
}

// function is a declared function with its file.
type function struct {
	file *sourceFile
	decl *ast.FuncDecl
}

// functions returns what is declared under that name.
func (p *parsed) functions(name string) []function {
	var all []function
	for _, file := range p.files {
		for _, d := range file.tree.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && funcName(f) == name {
				all = append(all, function{file, f})
			}
		}
	}
	return all
}

func (p *parsed) function(name string) (function, error) {
	all := p.functions(name)
	if len(all) != 1 {
		return function{}, fmt.Errorf("func %s is declared %d times, want 1", name, len(all))
	}
	return all[0], nil
}

func (p *parsed) withBody(name string) (function, error) {
	f, err := p.function(name)
	if err == nil && f.decl.Body == nil {
		err = fmt.Errorf("func %s has no body", name)
	}
	return f, err
}

// funcName is the name as in stack traces, without type parameters.
func funcName(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) != 1 {
		return f.Name.Name
	}
	base, isPointer := syntax.Base(f.Recv.List[0].Type)
	name, ok := base.(*ast.Ident)
	switch {
	case !ok:
		return f.Name.Name
	case isPointer:
		return "(*" + name.Name + ")." + f.Name.Name
	}
	return name.Name + "." + f.Name.Name
}

// structure is a declared struct type with its file.
type structure struct {
	file   *sourceFile
	fields *ast.FieldList
}

func (p *parsed) structure(name string) (structure, error) {
	var found []structure
	p.specs(func(file *sourceFile, spec ast.Spec) {
		if t, ok := spec.(*ast.TypeSpec); ok && t.Name.Name == name {
			if s, ok := t.Type.(*ast.StructType); ok {
				found = append(found, structure{file, s.Fields})
			}
		}
	})
	if len(found) != 1 {
		return structure{}, fmt.Errorf("struct %s is declared %d times, want 1", name, len(found))
	}
	return found[0], nil
}

// field returns the field of that name, nil if there is none.
func (s structure) field(name string) *ast.Field {
	for _, f := range s.fields.List {
		if slices.ContainsFunc(f.Names, func(id *ast.Ident) bool { return id.Name == name }) {
			return f
		}
	}
	return nil
}

// last returns the last field, nil if there is none.
func (s structure) last() *ast.Field {
	if n := len(s.fields.List); n > 0 {
		return s.fields.List[n-1]
	}
	return nil
}

// specs calls visit for each type, variable and constant at package level.
func (p *parsed) specs(visit func(*sourceFile, ast.Spec)) {
	for _, file := range p.files {
		for _, d := range file.tree.Decls {
			if g, ok := d.(*ast.GenDecl); ok {
				for _, spec := range g.Specs {
					visit(file, spec)
				}
			}
		}
	}
}

// declarations counts what is declared under a name at package level.
func (p *parsed) declarations(name string) int {
	n := len(p.functions(name))
	p.specs(func(_ *sourceFile, spec ast.Spec) {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if s.Name.Name == name {
				n++
			}
		case *ast.ValueSpec:
			for _, id := range s.Names {
				if id.Name == name {
					n++
				}
			}
		}
	})
	return n
}

func (f *sourceFile) line(pos token.Pos) int { return f.tok.Line(pos) }

func (f *sourceFile) text(n ast.Node) string {
	return string(f.src[f.tok.Offset(n.Pos()):f.tok.Offset(n.End())])
}

// reads reports whether the node consists of these tokens.
func (f *sourceFile) reads(n ast.Node, want []string) bool {
	return slices.Equal(tokens(f.text(n)), want)
}

// tokens returns the tokens of a piece of Go, without comments and without what depends
// on where its lines break: semicolons that are not written, the comma before a closing
// parenthesis.
func tokens(text string) []string {
	var all []string
	var s scanner.Scanner
	src := []byte(text)
	file := token.NewFileSet().AddFile("", -1, len(src))
	s.Init(file, src, func(token.Position, string) {}, 0)
	for {
		_, tok, lit := s.Scan()
		switch {
		case tok == token.EOF:
			return all
		case tok == token.SEMICOLON && lit == "\n":
			continue
		case tok == token.RPAREN && len(all) > 0 && all[len(all)-1] == ",":
			all = all[:len(all)-1]
		}
		if lit == "" || tok.IsOperator() {
			lit = tok.String()
		}
		all = append(all, lit)
	}
}

// signature is the type of a function with the types of its parameters and results
// alone, which is how two of them can be compared.
func (f *sourceFile) signature(t *ast.FuncType) string {
	return signature(t, func(e ast.Expr) string { return strings.Join(tokens(f.text(e)), " ") })
}

func signature(t *ast.FuncType, text func(ast.Expr) string) string {
	list := func(fields *ast.FieldList) string {
		var types []string
		if fields != nil {
			for _, field := range fields.List {
				for range max(len(field.Names), 1) {
					types = append(types, text(field.Type))
				}
			}
		}
		return "(" + strings.Join(types, ", ") + ")"
	}
	s := "func" + list(t.Params)
	if t.Results != nil {
		s += " " + list(t.Results)
	}
	return s
}

// normalSignature brings a function type into the form of signature.
func normalSignature(text string) (string, error) {
	e, err := parser.ParseExpr(text)
	if err != nil {
		return "", fmt.Errorf("%q: %w", text, err)
	}
	t, ok := e.(*ast.FuncType)
	if !ok {
		return "", fmt.Errorf("%q: %w", text, errors.New("not the type of a function"))
	}
	// ParseExpr places the text at the beginning of a file of its own: its positions
	// count from 1.
	return signature(t, func(e ast.Expr) string {
		return strings.Join(tokens(string(bytes.TrimSpace([]byte(text)[e.Pos()-1:e.End()-1]))), " ")
	}), nil
}

// hasBodyless reports whether a file declares a function that is defined elsewhere.
func hasBodyless(tree *ast.File) bool {
	return slices.ContainsFunc(tree.Decls, func(d ast.Decl) bool {
		f, ok := d.(*ast.FuncDecl)
		return ok && f.Body == nil
	})
}
