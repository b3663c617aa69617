package lockwarn

import (
	"path"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// isOwn reports whether the call is one of go-deadlock's own, which is there where it was
// not inlined.
func isOwn(short, file string) bool {
	return strings.HasPrefix(short, "go-deadlock.") || strings.HasPrefix(short, "deadlock.(*") && strings.Contains(file, "go-deadlock")
}

// fullName returns the function with a package path, which go-deadlock leaves out but for
// its last element: "log.(*Logger).Output" may be the standard library's or the user's.
// The file shows it: it is absolute, or relative to the program's directory or to the home
// directory, which is "~" then.
func fullName(short, file string) string {
	pkg, name, found := strings.Cut(short, ".")
	if !found || pkg == "main" {
		return short
	}
	dir := path.Dir(strings.ReplaceAll(file, `\`, "/"))
	if standard, ok := standardPath(dir); ok && path.Base(standard) == pkg {
		return standard + "." + name
	}
	parent, last := path.Split(modulePath(dir, pkg))
	full := parent + strings.ReplaceAll(last, ".", "%2e") + "." + name // as the linker writes it
	if (finding.Frame{Func: full, File: file}).IsStandard() {
		full = "./" + full // the user's package has the name of one of the standard library
	}
	return full
}

// standardPath returns the import path of a directory of the standard library: what
// follows the src of a GOROOT.
func standardPath(dir string) (string, bool) {
	i := strings.LastIndex(dir, "/src/")
	if i < 0 {
		return "", false
	}
	root, rest := dir[:i], dir[i+len("/src/"):]
	home := path.Base(root)
	isRoot := strings.HasPrefix(home, "go") || home == "x64" || home == "libexec" || strings.Contains(root, "golang.org/toolchain@")
	return rest, isRoot && (finding.Frame{Func: rest + ".F"}).IsStandard()
}

// modulePath returns the import path that a directory has in a module cache or in a
// GOPATH, else the last elements of its path that make a package path that people know.
func modulePath(dir, pkg string) string {
	for _, root := range []string{"/pkg/mod/", "/go/src/", "/vendor/"} {
		if _, rest, found := strings.Cut(dir, root); found {
			return withoutVersion(rest)
		}
	}
	if first, _, _ := strings.Cut(dir, "/"); strings.Contains(strings.Trim(first, "."), ".") {
		return withoutVersion(dir) // built with -trimpath
	}
	if parent := path.Base(path.Dir(dir)); path.Base(dir) == pkg && strings.Trim(parent, "./~") != "" {
		return parent + "/" + pkg
	}
	return pkg
}

// withoutVersion drops the version that a module has in the cache.
func withoutVersion(dir string) string {
	before, after, found := strings.Cut(dir, "@")
	if !found {
		return dir
	}
	_, rest, _ := strings.Cut(after, "/")
	return path.Join(before, rest)
}
