package goroot

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/concdoctor/concdoctor/internal/zerotouch/patch"
)

// Marker is the file by which a shadow is known. It holds the stamp of its list.
const Marker = "concdoctor.stamp"

// Shadow makes the tree to, which must not be there, be empty, or be an older shadow,
// from the tree from. An older shadow is replaced.
func Shadow(list *patch.List, from, to string) error {
	version, err := Version(from)
	if err != nil {
		return err
	}
	if isThere(filepath.Join(from, Marker)) {
		return fmt.Errorf("%s was made by concdoctor goroot: name the Go tree that it was made from (is GOROOT set to it?)", from)
	}
	if to, err = filepath.Abs(to); err != nil {
		return fmt.Errorf("making a Go tree from %s: %w", from, err)
	}
	s := shadow{from: from, to: to}
	if s.changed, err = s.changes(list, version); err != nil {
		return err
	}
	if err := clear(to); err != nil {
		return err
	}
	if err := s.write(Marker, []byte(list.Stamp()+"\n"+version+"\n")); err != nil {
		return err
	}
	if err := s.top(); err != nil {
		return fmt.Errorf("making a Go tree from %s: %w", from, err)
	}
	return nil
}

// changes gives the text of all files that differ, by their path in the tree. They are
// the same for all targets: files and their build constraints differ, not what becomes
// of a file.
func (s *shadow) changes(list *patch.List, version string) (map[string][]byte, error) {
	all := make(map[string][]byte)
	for _, target := range Targets(version) {
		for _, pkg := range list.Packages() {
			res, err := s.apply(list, pkg, target)
			if err != nil {
				return nil, err
			}
			dir := filepath.Join("src", filepath.FromSlash(pkg))
			texts := make(map[string][]byte)
			for name, text := range res.Changed {
				texts[filepath.Join(dir, filepath.Base(name))] = text
			}
			for _, f := range res.Added {
				texts[filepath.Join(dir, f.Name)] = []byte(f.Text)
			}
			for name, text := range texts {
				if old, known := all[name]; known && !bytes.Equal(old, text) {
					return nil, fmt.Errorf("%s becomes another for %s/%s: one tree cannot serve both", name, target.GOOS, target.GOARCH)
				}
				all[name] = text
			}
		}
	}
	return all, nil
}

// clear makes room for a shadow.
func clear(to string) error {
	entries, err := os.ReadDir(to)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return os.MkdirAll(to, 0o777)
	case err != nil:
		return fmt.Errorf("creating the new Go tree: %w", err)
	case len(entries) == 0:
		return nil
	case !isThere(filepath.Join(to, Marker)):
		return fmt.Errorf("%s exists and was not made by concdoctor goroot: it is left unchanged", to)
	}
	for _, e := range entries {
		if e.Name() == Marker {
			continue // last, so that what is half removed is known
		}
		if err := os.RemoveAll(filepath.Join(to, e.Name())); err != nil {
			return fmt.Errorf("removing the older Go tree: %w", err)
		}
	}
	return os.Remove(filepath.Join(to, Marker))
}

func isThere(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// shadow is one that is being made.
type shadow struct {
	from, to string
	changed  map[string][]byte
}

func (s *shadow) write(name string, text []byte) error {
	path := filepath.Join(s.to, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o666)
}

// top makes what lies in the tree itself: bin/go knows the tree that it belongs to by
// where it lies, so that it is a file of its own; src has directories of its own, since
// patterns such as std do not follow links; all else is linked.
func (s *shadow) top() error {
	entries, err := os.ReadDir(s.from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch name := e.Name(); {
		case name == "src":
			err = s.sources()
		case name == "bin":
			err = s.each(name, func(file string, _ fs.DirEntry) error { return s.twin(file) })
		case e.IsDir():
			err = s.link(name)
		default:
			err = s.copy(name)
		}
		if err != nil {
			return err
		}
	}
	for name, text := range s.changed {
		if err := s.write(name, text); err != nil {
			return err
		}
	}
	return nil
}

// each calls do with the path of each entry of a directory.
func (s *shadow) each(dir string, do func(name string, e fs.DirEntry) error) error {
	entries, err := os.ReadDir(filepath.Join(s.from, dir))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(s.to, dir), 0o777); err != nil {
		return err
	}
	for _, e := range entries {
		if err := do(filepath.Join(dir, e.Name()), e); err != nil {
			return err
		}
	}
	return nil
}

// sources makes src. Files that are not Go may be embedded, which links cannot be: they
// are copied. The commands and the data of tests have no part in programs.
func (s *shadow) sources() error {
	var visit func(name string, e fs.DirEntry) error
	visit = func(name string, e fs.DirEntry) error {
		if _, changed := s.changed[name]; changed {
			return nil
		}
		switch {
		case e.IsDir() && (name == filepath.Join("src", "cmd") || e.Name() == "testdata"):
			return s.link(name)
		case e.IsDir():
			return s.each(name, visit)
		case strings.HasSuffix(name, ".go"), strings.HasSuffix(name, ".s"):
			return s.link(name)
		}
		return s.copy(name)
	}
	return s.each("src", visit)
}

// link makes a link to a file or directory, and a copy where there are no links: Windows
// gives them to those that may.
func (s *shadow) link(name string) error {
	err := os.Symlink(filepath.Join(s.from, name), filepath.Join(s.to, name))
	if err == nil || runtime.GOOS != "windows" {
		return err
	}
	info, err := os.Stat(filepath.Join(s.from, name))
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return os.CopyFS(filepath.Join(s.to, name), os.DirFS(filepath.Join(s.from, name)))
	}
	return s.copy(name)
}

// twin makes a second name of a file, or a copy.
func (s *shadow) twin(name string) error {
	if os.Link(filepath.Join(s.from, name), filepath.Join(s.to, name)) == nil {
		return nil
	}
	return s.copy(name)
}

func (s *shadow) copy(name string) error {
	from, err := os.Open(filepath.Join(s.from, name))
	if err != nil {
		return err
	}
	defer from.Close()
	info, err := from.Stat()
	if err != nil {
		return err
	}
	to, err := os.OpenFile(filepath.Join(s.to, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, info.Mode().Perm()|0o200)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}
