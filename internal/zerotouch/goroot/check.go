package goroot

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/concdoctor/concdoctor/internal/zerotouch/patch"
)

// Targets are the systems that the patch lists are tried for; a program builds for
// others, where no check was made.
func Targets(goVersion string) []patch.Target {
	var all []patch.Target
	for _, goos := range []string{"linux", "darwin", "windows"} {
		for _, goarch := range []string{"amd64", "arm64"} {
			all = append(all, patch.Target{GOOS: goos, GOARCH: goarch, GoVersion: goVersion})
		}
	}
	return all
}

// Version reads the version of the tree.
func Version(goroot string) (string, error) {
	text, err := os.ReadFile(filepath.Join(goroot, "VERSION"))
	if err != nil {
		return "", fmt.Errorf("reading the version of a Go tree: %w", err)
	}
	version, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSpace(version), nil
}

// Check applies the list to the packages of the tree as they are compiled for a target,
// and writes nothing. The error joins those of all packages.
func Check(list *patch.List, goroot string, target patch.Target) error {
	var errs []error
	s := shadow{from: goroot, to: goroot}
	for _, pkg := range list.Packages() {
		_, err := s.apply(list, pkg, target)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// apply changes a package of the tree. Its files are said to be in the tree to.
func (s *shadow) apply(list *patch.List, pkg string, target patch.Target) (*patch.Result, error) {
	dir := filepath.Join("src", filepath.FromSlash(pkg))
	all, err := sources(filepath.Join(s.from, dir), target)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].Name = filepath.Join(s.to, dir, filepath.Base(all[i].Name))
	}
	return list.Apply(pkg, target, all)
}

// sources reads the files of a package that are compiled for a target.
func sources(dir string, target patch.Target) ([]patch.Source, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading a package of a Go tree: %w", err)
	}
	var all []patch.Source
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || name[0] == '_' || name[0] == '.' {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, fmt.Errorf("reading a package of a Go tree: %w", err)
		}
		switch takes, err := target.Selects(name, string(text)); {
		case err != nil:
			return nil, fmt.Errorf("%s: %w", filepath.Join(dir, name), err)
		case takes:
			all = append(all, patch.Source{Name: filepath.Join(dir, name), Text: text})
		}
	}
	return all, nil
}
