package patch

import (
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"go/version"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Source is a file of the package as it is compiled.
type Source struct {
	// Name is a path, for errors and for Result.Changed. It should be absolute: wrappers
	// say that they are there.
	Name string
	Text []byte
}

// Result is a changed package.
type Result struct {
	// Changed is the new text of the sources that are changed, by their names; the
	// others stay as they are.
	Changed map[string][]byte
	// Omitted are the names of the sources that are not to be compiled.
	Omitted []string
	// Added are the files to compile beside them.
	Added []File
	// Imports are the import paths of the added files.
	Imports []string
	// Bodyless says that an added file declares functions without a body, which the
	// compiler allows only where the go command did not declare the package complete.
	Bodyless bool
}

// UnknownError says that a Go release is not known: it is not as the list expects it.
type UnknownError struct {
	GoVersion, Package string
	Reasons            []string // what did not match
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("zero touch does not support %s (package %s): %s", e.GoVersion, e.Package, strings.Join(e.Reasons, "; "))
}

// PatchedError says that a package is patched already.
type PatchedError struct {
	Package string
	What    string // what shows it
}

func (e *PatchedError) Error() string {
	return fmt.Sprintf("package %s is patched for zero touch already (%s): use a Go tree that is not", e.Package, e.What)
}

// patchedError is a PatchedError of an operation, which does not know the package.
type patchedError struct{ what string }

func (e *patchedError) Error() string { return e.what }

// oldest is the first release that the lists are written for: older ones are refused
// by their number and not by the many places that differ.
const oldest = "go1.25"

// CheckVersion refuses Go versions that are older than any list knows.
func CheckVersion(goVersion string) error {
	switch {
	case !version.IsValid(normal(goVersion)):
		return fmt.Errorf("zero touch does not support Go version %q", goVersion)
	case version.Compare(normal(goVersion), oldest) < 0:
		return fmt.Errorf("zero touch does not support %s: it needs %s or newer", goVersion, oldest)
	}
	return nil
}

// Apply changes a package that consists of these sources, and gives an empty result for
// a package that the list has no set for. It fails with an UnknownError that names all
// that did not match, or with a PatchedError.
func (l *List) Apply(pkg string, target Target, sources []Source) (*Result, error) {
	set := l.set(pkg)
	if set == nil {
		return &Result{}, nil
	}
	if err := CheckVersion(target.GoVersion); err != nil {
		return nil, err
	}
	unknown := &UnknownError{GoVersion: target.GoVersion, Package: pkg}
	res, err := set.added(&target, l.Stamp())
	if err != nil {
		return nil, err
	}
	if err := set.checkFresh(sources, res.Added); err != nil {
		return nil, err
	}
	sources, res.Omitted, err = set.without(sources)
	if err != nil {
		unknown.Reasons = []string{err.Error()}
		return nil, unknown
	}
	p, err := parse(sources)
	if err != nil {
		unknown.Reasons = []string{err.Error()}
		return nil, unknown
	}
	for _, op := range set.Ops {
		switch holds, err := target.holds(op.condition()); {
		case err != nil:
			return nil, err
		case !holds:
			continue
		}
		err := op.apply(p)
		var patched *patchedError
		switch {
		case errors.As(err, &patched):
			return nil, &PatchedError{Package: pkg, What: patched.what}
		case err != nil:
			unknown.Reasons = append(unknown.Reasons, err.Error())
		}
	}
	if len(unknown.Reasons) > 0 {
		return nil, unknown
	}
	if res.Added, err = p.place(set.Ops, res.Added); err != nil {
		return nil, err
	}
	res.Changed, err = p.changed()
	return res, err
}

// stampSource declares the stamp, and keeps its text in every program: what is only
// declared the linker leaves out.
const stampSource = `package %[1]s

const %[2]s = %[3]q

var %[2]sKept string

func init() { %[2]sKept = %[2]s }
`

// added gives the files that the target takes, with the one that declares the stamp.
func (s *Set) added(target *Target, stamp string) (*Result, error) {
	res := &Result{}
	files := s.Files
	if s.Stamp != "" {
		text := fmt.Sprintf(stampSource, s.Package[strings.LastIndexByte(s.Package, '/')+1:], s.Stamp, stamp)
		files = append(files[:len(files):len(files)], File{Name: "concdoctor_stamp.go", Text: text})
	}
	imported := make(map[string]bool)
	for _, f := range files {
		switch takes, err := target.Selects(f.Name, f.Text); {
		case err != nil:
			return nil, err
		case !takes:
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), f.Name, f.Text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		res.Added = append(res.Added, f)
		res.Bodyless = res.Bodyless || hasBodyless(tree)
		for _, spec := range tree.Imports {
			if path, err := strconv.Unquote(spec.Path.Value); err == nil && path != "unsafe" && !imported[path] {
				imported[path] = true
				res.Imports = append(res.Imports, path)
			}
		}
	}
	return res, nil
}

// without leaves out what the set says.
func (s *Set) without(sources []Source) (kept []Source, omitted []string, err error) {
	for _, name := range s.Without {
		i := slices.IndexFunc(sources, func(src Source) bool { return filepath.Base(src.Name) == name })
		switch {
		case i >= 0:
			omitted = append(omitted, sources[i].Name)
		case strings.HasSuffix(name, ".go"):
			return nil, nil, fmt.Errorf("there is no file %s", name)
		}
	}
	for _, src := range sources {
		if !slices.Contains(omitted, src.Name) {
			kept = append(kept, src)
		}
	}
	return kept, omitted, nil
}

// checkFresh refuses sources among which an added file is already.
func (s *Set) checkFresh(sources []Source, added []File) error {
	for _, src := range sources {
		for _, f := range added {
			if filepath.Base(src.Name) == f.Name {
				return &PatchedError{Package: s.Package, What: f.Name + " is there"}
			}
		}
	}
	return nil
}

// changed returns the files with edits. They are parsed once more: a list whose edits
// leave no Go behind is reported here and not by the compiler.
func (p *parsed) changed() (map[string][]byte, error) {
	texts := make(map[string][]byte)
	for _, f := range p.files {
		if len(f.edits) == 0 {
			continue
		}
		text, err := f.edited()
		if err != nil {
			return nil, err
		}
		if _, err := parser.ParseFile(token.NewFileSet(), f.name, text, parser.SkipObjectResolution); err != nil {
			return nil, fmt.Errorf("patching: %w", err)
		}
		texts[f.name] = text
	}
	return texts, nil
}
