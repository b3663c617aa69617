package lockset

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// maxSourceBytes keeps generated giants out of memory.
const maxSourceBytes = 8 << 20

// Sources reads and keeps Go files. It is not for concurrent use.
type Sources struct {
	path     func(file string) string
	fset     *token.FileSet
	files    map[string]*ast.File
	packages map[packageKey]*pkg
}

// packageKey is a package in a directory, with or without its tests.
type packageKey struct {
	dir, name string
	tests     bool
}

// New returns sources that look for the file of a frame where path says, which may be
// nil: then at its own name. Nothing but .go files is read.
func New(path func(file string) string) *Sources {
	if path == nil {
		path = func(file string) string { return file }
	}
	return &Sources{path: path, fset: token.NewFileSet(), files: make(map[string]*ast.File), packages: make(map[packageKey]*pkg)}
}

// file returns the parsed file, nil if there is none or it is damaged.
func (s *Sources) file(name string) *ast.File { return s.fileAt(s.path(name)) }

// fileAt is file for a path that need not be looked for.
func (s *Sources) fileAt(path string) *ast.File {
	f, known := s.files[path]
	if !known {
		f = s.parse(path)
		s.files[path] = f
	}
	return f
}

// Want says that the function of a frame will be asked about. A package is checked once
// for all functions that are wanted by then.
func (s *Sources) Want(frame finding.Frame) {
	f := s.file(frame.File)
	if f == nil {
		return
	}
	if fn, ok := s.functionAt(f, frame.Func, frame.Line); ok {
		s.packageOf(frame.File, f).want(fn.decl)
	}
}

// parse returns nil for whatever is no readable Go file: its absence is no error.
func (s *Sources) parse(name string) *ast.File {
	if !filepath.IsAbs(name) || !strings.HasSuffix(name, ".go") {
		return nil
	}
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxSourceBytes {
		return nil
	}
	f, err := parser.ParseFile(s.fset, name, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	return f
}

const testSuffix = "_test.go"

// siblings returns the files of the package that the file belongs to, itself included.
// Tests declare nothing that other files need.
func (s *Sources) siblings(name string, of *ast.File) []*ast.File {
	dir := filepath.Dir(name)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return []*ast.File{of}
	}
	var all []*ast.File
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if path == name {
			all = append(all, of)
			continue
		}
		if !strings.HasSuffix(e.Name(), ".go") || e.IsDir() || strings.HasSuffix(e.Name(), testSuffix) && !strings.HasSuffix(name, testSuffix) {
			continue
		}
		if match, err := build.Default.MatchFile(dir, e.Name()); err != nil || !match {
			continue
		}
		if f := s.fileAt(path); f != nil && f.Name.Name == of.Name.Name {
			all = append(all, f)
		}
	}
	return all
}

func (s *Sources) line(p token.Pos) int { return s.fset.Position(p).Line }
