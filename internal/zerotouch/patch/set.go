package patch

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Set is what becomes of one package.
type Set struct {
	// Package is the import path, as in "runtime".
	Package string
	// Module says that the package is of a module outside the standard library: there may be
	// versions that are not known, which are compiled as they are.
	Module bool
	// Ops are the operations, in any order.
	Ops []Op
	// Files are added to the package. They may import only what the package imports
	// anyhow: the go command has prepared nothing else.
	Files []File
	// Without are files of the package that are not compiled: Go files, each of which must be
	// there, and assembly, in which another architecture has another.
	Without []string
	// Stamp is the name of a string constant that is declared in the package with the
	// value of List.Stamp, which is then in every program that has the package; ""
	// declares none.
	Stamp string
}

// File is a source file to add to a package. Its name and its //go:build line say for
// which builds, as for any Go file.
type File struct {
	Name string // without a directory, as in "concdoctor_linux.go"
	Text string
}

// sourceSuffix marks Go files that are data of another program.
const sourceSuffix = ".go.txt"

// ReadFiles reads the files of dir whose names end in .go.txt, which keeps the go command
// from compiling them where they lie. The suffix .txt is not part of their names.
func ReadFiles(fsys fs.FS, dir string) ([]File, error) {
	names, err := fs.Glob(fsys, path.Join(dir, "*"+sourceSuffix))
	if err != nil {
		return nil, fmt.Errorf("reading files to add: %w", err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("reading files to add: none in %s", dir)
	}
	slices.Sort(names)
	var files []File
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("reading files to add: %w", err)
		}
		files = append(files, File{Name: strings.TrimSuffix(path.Base(name), ".txt"), Text: string(text)})
	}
	return files, nil
}
