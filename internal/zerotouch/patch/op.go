package patch

import (
	"fmt"
	"go/ast"
	"strings"
)

// Op is one operation of a set: Rename, Enter, Before, Replace, Body, AddField, Signature,
// Field or Exists.
//
// A function is named as in stack traces: "chansend", "(*Mutex).Lock", "Once.Do".
// The field If of an operation is its condition, in the language of //go:build lines;
// "" means always.
type Op interface {
	// apply adds the operation's edits to the package, or says what did not match.
	apply(p *parsed) error
	// condition is the field If.
	condition() string
}

// Rename gives a function another name. What called the old name still does.
type Rename struct {
	Func string
	To   string // the new name alone, without a receiver
	If   string
}

// Enter inserts statements at the beginning of a function.
type Enter struct {
	Func   string
	Or     string // what it is called in other releases, if Func is not there
	Insert string // on one line
	If     string
}

// Before inserts statements before the one call in a function that is a statement of its
// own and fits.
type Before struct {
	Func   string
	Call   string // the whole call, as in `fatal("why")`, or what is called, as in "fatal"
	Insert string // on one line
	If     string
}

// Replace replaces an expression in a function. Spaces and line breaks in it do not
// matter.
type Replace struct {
	Func  string
	Old   string
	New   string // on one line
	Times int    // how often Old must be there; 0 means once
	If    string
}

// Body gives a function that is declared without one a body.
type Body struct {
	Func   string
	Insert string // its statements, on one line
	If     string
}

// AddField adds a field to a struct.
type AddField struct {
	Struct string
	Field  string // on one line, as in "concdoctor uintptr"
	After  string // the field that it follows, where memory is left unused; "" for the last
	If     string
}

// Signature requires a function with parameters and results of these types, whatever
// their names.
type Signature struct {
	Func string
	Type string // as in "func(fp unsafe.Pointer, pcs []uintptr) int"
	If   string
}

// Field requires a field of a struct.
type Field struct {
	Struct string
	Name   string
	Type   string
	If     string
}

// Exists requires a variable, constant, type or function at package level.
type Exists struct {
	Name string
	If   string
}

func (o Rename) condition() string    { return o.If }
func (o Enter) condition() string     { return o.If }
func (o Before) condition() string    { return o.If }
func (o Replace) condition() string   { return o.If }
func (o Body) condition() string      { return o.If }
func (o AddField) condition() string  { return o.If }
func (o Signature) condition() string { return o.If }
func (o Field) condition() string     { return o.If }
func (o Exists) condition() string    { return o.If }

func (o Rename) apply(p *parsed) error {
	f, err := p.function(o.Func)
	if err != nil {
		return err
	}
	if f.decl.Body == nil {
		return fmt.Errorf("func %s has no body to rename", o.Func)
	}
	renamed := o.To
	if at := strings.LastIndexByte(o.Func, '.'); at >= 0 {
		renamed = o.Func[:at+1] + o.To
	}
	if n := len(p.functions(renamed)); n > 0 {
		return &patchedError{what: "func " + renamed + " is there"}
	}
	f.file.replace(f.decl.Name, o.To)
	return nil
}

func (o Enter) apply(p *parsed) error {
	name := o.Func
	if o.Or != "" && len(p.functions(name)) == 0 {
		name = o.Or
	}
	f, err := p.withBody(name)
	if err != nil {
		return err
	}
	f.file.insert(f.decl.Body.Lbrace+1, " "+o.Insert+"; ")
	return nil
}

func (o Before) apply(p *parsed) error {
	f, err := p.withBody(o.Func)
	if err != nil {
		return err
	}
	want := tokens(o.Call)
	var found []ast.Node
	ast.Inspect(f.decl.Body, func(n ast.Node) bool {
		statement, ok := n.(*ast.ExprStmt)
		if !ok {
			return true
		}
		call, ok := statement.X.(*ast.CallExpr)
		if ok && (f.file.reads(call, want) || f.file.reads(call.Fun, want)) {
			found = append(found, statement)
		}
		return true
	})
	if len(found) != 1 {
		return fmt.Errorf("func %s: %d calls %s, want 1", o.Func, len(found), o.Call)
	}
	f.file.insert(found[0].Pos(), o.Insert+"; ")
	return nil
}

func (o Replace) apply(p *parsed) error {
	f, err := p.withBody(o.Func)
	if err != nil {
		return err
	}
	want := tokens(o.Old)
	var found []ast.Node
	ast.Inspect(f.decl.Body, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok || !f.file.reads(e, want) {
			return true
		}
		found = append(found, e)
		return false
	})
	if times := max(o.Times, 1); len(found) != times {
		return fmt.Errorf("func %s: %s is there %d times, want %d", o.Func, o.Old, len(found), times)
	}
	for _, e := range found {
		if f.file.line(e.Pos()) != f.file.line(e.End()) {
			return fmt.Errorf("func %s: %s stands on several lines", o.Func, o.Old)
		}
		f.file.replace(e, o.New)
	}
	return nil
}

func (o Body) apply(p *parsed) error {
	f, err := p.function(o.Func)
	if err != nil {
		return err
	}
	if f.decl.Body != nil {
		return fmt.Errorf("func %s has a body", o.Func)
	}
	f.file.insert(f.decl.End(), " { "+o.Insert+" }")
	return nil
}

func (o AddField) apply(p *parsed) error {
	s, err := p.structure(o.Struct)
	if err != nil {
		return err
	}
	name, _, _ := strings.Cut(o.Field, " ")
	if s.field(name) != nil {
		return &patchedError{what: fmt.Sprintf("field %s of struct %s is there", name, o.Struct)}
	}
	if o.After != "" {
		before := s.field(o.After)
		if before == nil {
			return fmt.Errorf("struct %s has no field %s", o.Struct, o.After)
		}
		s.file.insert(before.Type.End(), "; "+o.Field)
		return nil
	}
	text := " " + o.Field + "; "
	if last := s.last(); last != nil && s.file.line(last.End()) == s.file.line(s.fields.Closing) {
		text = ";" + text // else the line break before the brace ends the last field
	}
	s.file.insert(s.fields.Closing, text)
	return nil
}

func (o Signature) apply(p *parsed) error {
	f, err := p.function(o.Func)
	if err != nil {
		return err
	}
	got, want := f.file.signature(f.decl.Type), o.Type
	if normal, err := normalSignature(o.Type); err == nil {
		want = normal // New has refused what is no signature
	}
	if got != want {
		return fmt.Errorf("func %s is a %s, want %s", o.Func, got, want)
	}
	return nil
}

func (o Field) apply(p *parsed) error {
	s, err := p.structure(o.Struct)
	if err != nil {
		return err
	}
	field := s.field(o.Name)
	switch {
	case field == nil:
		return fmt.Errorf("struct %s has no field %s", o.Struct, o.Name)
	case !s.file.reads(field.Type, tokens(o.Type)):
		return fmt.Errorf("field %s of struct %s is a %s, want %s", o.Name, o.Struct, s.file.text(field.Type), o.Type)
	}
	return nil
}

func (o Exists) apply(p *parsed) error {
	if n := p.declarations(o.Name); n != 1 {
		return fmt.Errorf("%s is declared %d times, want 1", o.Name, n)
	}
	return nil
}
