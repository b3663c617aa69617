package patch

import (
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"slices"
	"strings"
)

// List is the sets of all packages that are changed.
type List struct {
	sets  []Set
	hash  string
	races bool
}

// sources is the code of this package: a build with a patcher that works otherwise must
// not take over what an earlier one left in the build cache.
//
//go:embed *.go
var sources embed.FS

// New makes a list of sets. The error says which of them make no sense for any source:
// a condition that is none, text that is no Go, a package with two sets.
func New(sets []Set) (*List, error) { return newList(sets, false) }

// NewForRaces makes a list for programs whose accesses to memory are watched: all their packages
// are compiled with the instrumentation that the race detector needs.
func NewForRaces(sets []Set) (*List, error) { return newList(sets, true) }

func newList(sets []Set, races bool) (*List, error) {
	l := &List{sets: slices.Clone(sets), races: races}
	sum := sha256.New()
	fmt.Fprintf(sum, "races %v\n", races)
	if err := addSources(sum); err != nil {
		return nil, err
	}
	for i, set := range l.sets {
		if slices.ContainsFunc(l.sets[:i], func(s Set) bool { return s.Package == set.Package }) {
			return nil, fmt.Errorf("patch set of package %s: there are two", set.Package)
		}
		if err := set.check(); err != nil {
			return nil, fmt.Errorf("patch set of package %s: %w", set.Package, err)
		}
		fmt.Fprintf(sum, "package %q stamp %q without %q\n", set.Package, set.Stamp, set.Without)
		for _, op := range set.Ops {
			fmt.Fprintf(sum, "%#v\n", op) // plain structs of strings and numbers
		}
		for _, f := range set.Files {
			fmt.Fprintf(sum, "file %q %q\n", f.Name, f.Text)
		}
	}
	l.hash = fmt.Sprintf("%x", sum.Sum(nil)[:16])
	return l, nil
}

// Hash identifies the list and the patcher that applies it, as 32 hexadecimal digits.
func (l *List) Hash() string { return l.hash }

// Stamp is the text that marks a program whose packages were changed by this list.
func (l *List) Stamp() string { return "concdoctor zero touch " + l.hash }

// Packages returns the import paths of the packages of the standard library that the list
// changes.
func (l *List) Packages() []string {
	var paths []string
	for i := range l.sets {
		if !l.sets[i].Module {
			paths = append(paths, l.sets[i].Package)
		}
	}
	return paths
}

// ChangesModule reports whether the list changes a package of a module.
func (l *List) ChangesModule(pkg string) bool {
	set := l.set(pkg)
	return set != nil && set.Module
}

// Changes reports whether the list changes a package of the standard library.
func (l *List) Changes(pkg string) bool { return l.set(pkg) != nil && !l.ChangesModule(pkg) }

// Races reports whether accesses to memory are watched.
func (l *List) Races() bool { return l.races }

// Omits reports whether a file of a package is not compiled.
func (l *List) Omits(pkg, file string) bool {
	set := l.set(pkg)
	return set != nil && slices.Contains(set.Without, file)
}

func (l *List) set(pkg string) *Set {
	i := slices.IndexFunc(l.sets, func(s Set) bool { return s.Package == pkg })
	if i < 0 {
		return nil
	}
	return &l.sets[i]
}

// check is what can be said of a set before there is a source.
func (s *Set) check() error {
	for _, op := range s.Ops {
		if err := checkOp(op); err != nil {
			return fmt.Errorf("%+v: %w", op, err)
		}
	}
	for _, f := range s.Files {
		if !strings.HasSuffix(f.Name, ".go") || strings.ContainsAny(f.Name, `/\`) {
			return fmt.Errorf("file %q: want the name of a Go file", f.Name)
		}
		if _, err := parser.ParseFile(token.NewFileSet(), f.Name, f.Text, parser.SkipObjectResolution); err != nil {
			return err
		}
	}
	if s.Stamp != "" && !token.IsIdentifier(s.Stamp) {
		return fmt.Errorf("stamp %q: want an identifier", s.Stamp)
	}
	return nil
}

func checkOp(op Op) error {
	if _, err := (&Target{GOOS: "linux", GOARCH: "amd64"}).holds(op.condition()); err != nil {
		return err
	}
	switch o := op.(type) {
	case Rename:
		if !token.IsIdentifier(o.To) {
			return errors.New("the new name is no identifier")
		}
	case Enter:
		return checkStatements(o.Insert)
	case Before:
		return errors.Join(checkExpression(o.Call), checkStatements(o.Insert))
	case Replace:
		return errors.Join(checkExpression(o.Old), checkExpression(o.New), checkLine(o.New))
	case AddField:
		_, err := parser.ParseFile(token.NewFileSet(), "field.go", "package p; type t struct {"+o.Field+"}", 0)
		return errors.Join(err, checkLine(o.Field))
	case Body:
		return checkStatements(o.Insert)
	case Signature:
		_, err := normalSignature(o.Type)
		return err
	case Field:
		return checkExpression(o.Type)
	}
	return nil
}

func checkExpression(text string) error {
	_, err := parser.ParseExpr(text)
	return err
}

func checkStatements(text string) error {
	tree, err := parser.ParseFile(token.NewFileSet(), "insert.go", "package p; func f() {"+text+"; }", parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	if len(tree.Decls) != 1 || strings.TrimSpace(text) == "" {
		return errors.New("want statements to insert")
	}
	return checkLine(text)
}

// checkLine keeps the lines of the original code where they are.
func checkLine(text string) error {
	if strings.ContainsAny(text, "\r\n") || strings.Contains(text, "//") {
		return errors.New("want one line without a comment")
	}
	return nil
}

func addSources(sum io.Writer) error {
	entries, err := sources.ReadDir(".")
	if err != nil {
		return fmt.Errorf("reading the patcher's own source: %w", err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		text, err := sources.ReadFile(e.Name())
		if err != nil {
			return fmt.Errorf("reading the patcher's own source: %w", err)
		}
		fmt.Fprintf(sum, "source %q %q\n", e.Name(), text)
	}
	return nil
}
