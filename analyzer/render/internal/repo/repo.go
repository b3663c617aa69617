// Package repo finds which files of a report lie in the user's repository, and
// their names in there. Paths in a report are those that the compiler wrote down:
// absolute, or after -trimpath the module's path and the file's name in it. Files
// need not exist: the report may come from another machine.
package repo

import (
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Root is the root directory of a repository. The zero value holds no file.
type Root struct {
	dir    string // absolute, with slashes, one at the end
	module string // of the module there, "" if none
}

// NewRoot returns the root at dir, "" for none. The module of files after -trimpath
// is read from its go.mod, if there is one.
func NewRoot(dir string) Root {
	if dir == "" {
		return Root{}
	}
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	r := Root{dir: strings.TrimSuffix(filepath.ToSlash(dir), "/") + "/"}
	if text, err := os.ReadFile(filepath.Join(dir, "go.mod")); err == nil {
		r.module = modfile.ModulePath(text)
	}
	return r
}

// IsZero reports whether the root was not given.
func (r Root) IsZero() bool { return r == Root{} }

// URI returns the root as a file URI that ends with a slash.
func (r Root) URI() string { return fileURI(r.dir) }

// Rel returns the file's path relative to the root, and whether it lies in it.
func (r Root) Rel(file string) (string, bool) {
	if r.IsZero() || file == "" {
		return "", false
	}
	file = path.Clean(strings.ReplaceAll(file, `\`, "/"))
	if rel, ok := strings.CutPrefix(file, r.dir); ok {
		return rel, true
	}
	if r.module == "" {
		return "", false
	}
	return strings.CutPrefix(file, r.module+"/")
}

// Path returns where the file lies on this machine: its own name, but for one of the
// root's module after -trimpath, which is looked for below the root.
func (r Root) Path(file string) string {
	if rel, ours := r.Rel(file); ours && !filepath.IsAbs(file) {
		return filepath.Join(filepath.FromSlash(r.dir), filepath.FromSlash(rel))
	}
	return file
}

// First returns the innermost frame of the stack that lies in the repository, the
// machinery of waiting left out, and whether there is one.
func (r Root) First(stack finding.Stack) (finding.Frame, bool) {
	for _, f := range stack {
		if _, ours := r.Rel(f.File); ours && !f.IsMachinery() {
			return f, true
		}
	}
	return finding.Frame{}, false
}

// URI returns the reference to a file that lies in no root: a file URI where the
// path is absolute, else the path as it is.
func URI(file string) string {
	file = strings.ReplaceAll(file, `\`, "/")
	if path.IsAbs(file) || len(file) > 2 && file[1:3] == ":/" {
		return fileURI(file)
	}
	return Reference(file)
}

// Reference returns the relative reference of a path (RFC 3986, section 4.2).
func Reference(rel string) string { return (&url.URL{Path: rel}).String() }

func fileURI(file string) string {
	if !strings.HasPrefix(file, "/") {
		file = "/" + file // a drive's letter
	}
	return (&url.URL{Scheme: "file", Path: file}).String()
}
