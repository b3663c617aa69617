package finding

import (
	"path"
	"slices"
	"strings"
)

// A compiler's name for a function says more than the source does, and says it differently
// from release to release and from build to build (closureName in
// GOROOT/src/cmd/compile/internal/ir/func.go). A closure of function f is
//
//	p.f.func1           where it was compiled as a part of f; a nested one p.f.func1.2
//	p.g.f.func3         with Go up to 1.26 where f was inlined into g: p is g's package, and
//	                    the number counts all closures that g has got in this way
//	q.f.func1, q.f.1    with Go 1.27 where f was inlined, into whatever function
//	p.f-range1.func2    in the body of a loop over a function, which is f-range1
//	p.init.func4        in the value of a package's variable, once p.glob..func4
//
// What all of them agree in is the declared function and how many closures are around the
// call. A number among the closures of a function cannot be had from the older names; the
// line shows which it is.

// funcName is a function's name taken apart.
type funcName struct {
	// pkg is the import path of the package that the function is declared in, "" if it has
	// none.
	pkg string
	// receiver is "(*T)" or "T", "" for a function. A value receiver cannot always be distinguished
	// from a function into which another was inlined.
	receiver string
	// name is the declared function's, with its number for one of several functions init.
	name string
	// closures is how many function literals are around the call.
	closures int
	// wrapper is "gowrap" or "deferwrap" for what the compiler makes of a go or defer
	// statement.
	wrapper string
}

// parseFunc takes the frame's function apart.
func (f Frame) parseFunc() funcName {
	n := funcName{pkg: packageOf(f.Func)}
	parts := splitName(strings.TrimPrefix(f.Func[len(n.pkg):], "."))
	end := len(parts)
	for end > 1 && isNumbered(parts, end-1) {
		end--
		if w := strings.TrimRight(parts[end], digits); w == "gowrap" || w == "deferwrap" {
			n.wrapper = w
			continue
		}
		n.closures++
	}
	end--
	switch n.name = parts[end]; {
	case end == 0:
		return n
	case parts[end-1] == "init" && strings.Trim(n.name, digits) == "": // init.0
		end--
		n.name = "init." + n.name
	case parts[end-1] == "glob" && n.name == "": // glob..func1
		end--
		n.name = "init"
	case n.hasReceiver(parts[:end], strings.Contains(f.Func, "-range")):
		end--
		n.receiver = parts[end]
	}
	if end > 0 && isMade(f.Func) { // more is before it: the function was inlined
		if declared, ok := packageOfFile(f.File); ok {
			n.pkg = escapePath(declared)
		}
	}
	return n
}

// isMade reports whether the compiler made the function: a closure, a loop's body, a
// wrapper. No others carry the names of the functions that they were inlined into.
func isMade(function string) bool {
	return strings.Contains(function, ".func") || strings.Contains(function, "-range") || strings.Contains(function, "wrap")
}

const digits = "0123456789"

// isNumbered reports whether parts[i] is a name that the compiler made: func1, 2, gowrap1.
// A declared function may be called so too; it stands first, or after its receiver.
func isNumbered(parts []string, i int) bool {
	if strings.HasPrefix(parts[i-1], "(") {
		return false
	}
	switch strings.TrimRight(parts[i], digits) {
	case "":
		return parts[i] != "" && parts[i-1] != "init" // init.0 is the first function init
	case "func", "gowrap", "deferwrap":
		return strings.ContainsAny(parts[i][len(parts[i])-1:], digits)
	}
	return false
}

// hasReceiver reports whether the last of the names before the function's is its
// receiver's type, and not a function into which it was inlined. With a value receiver
// that is a guess: a method's own name has the type first, and where more stands before
// it, types are exported more often than functions that inline others.
func (n *funcName) hasReceiver(before []string, inLoop bool) bool {
	last := before[len(before)-1]
	switch {
	case strings.HasPrefix(last, "("):
		return true
	case n.closures == 0 && n.wrapper == "" && !inLoop:
		return true // nothing else is named after where it was inlined
	case isNumbered([]string{"", last}, 1), last == "init", last == "main" && n.pkg == "main", isTestFunc(last):
		return false
	case len(before) == 1:
		return true
	}
	// A loop's body is called by the function that it loops over, which its own function calls.
	if i := slices.Index(before, n.name); i >= 0 {
		return i > 0 && before[i-1] == last
	}
	return last != "" && last[0] >= 'A' && last[0] <= 'Z'
}

func isTestFunc(name string) bool {
	return slices.ContainsFunc([]string{"Test", "Benchmark", "Fuzz", "Example"}, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// splitName splits a function's name without its package at the dots that are not in
// brackets, and drops from the parts what the source does not have: bodies of loops over
// functions, method values, type arguments.
func splitName(name string) []string {
	var parts []string
	depth, start := 0, 0
	for i := range len(name) {
		switch name[i] {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case '.':
			if depth == 0 {
				parts = append(parts, cleanPart(name[start:i]))
				start = i + 1
			}
		}
	}
	return append(parts, cleanPart(name[start:]))
}

func cleanPart(s string) string {
	if i := strings.IndexByte(s, '['); i >= 0 {
		s = s[:i] + "[...]" + s[max(i, strings.LastIndexByte(s, ']'))+1:]
	}
	if i := strings.Index(s, "-range"); i >= 0 {
		return s[:i]
	}
	if i := strings.Index(s, "·"); i >= 0 { // the number of a type that is declared in a function
		s = s[:i] + strings.TrimLeft(s[i+len("·"):], digits)
	}
	return strings.TrimSuffix(s, "-fm")
}

// packageOf returns the import path that a full function name begins with, as the linker
// writes it, or "" if there is none.
func packageOf(function string) string {
	end := len(function)
	if i := strings.IndexByte(function, '['); i >= 0 {
		end = i // type arguments may hold import paths of their own
	}
	slash := strings.LastIndexByte(function[:end], '/') + 1
	dot := strings.IndexByte(function[slash:end], '.')
	if dot < 0 {
		return ""
	}
	return function[:slash+dot]
}

// packageOfFile returns the import path of the package that a file belongs to, where the
// path shows it: in the standard library, in a module's released version, in a folder
// vendor.
func packageOfFile(file string) (string, bool) {
	dir := path.Dir(strings.ReplaceAll(file, `\`, "/"))
	if before, std, found := cutLast(dir, "/src/"); found && isGoRoot(before) && isStandardFolder(std) {
		return std, true
	}
	if _, vendored, found := cutLast(dir, "/vendor/"); found {
		return vendored, true
	}
	_, module, cached := cutLast(dir, "/pkg/mod/")
	if module, version, found := strings.Cut(module, "@v"); found {
		_, folder, _ := strings.Cut(version, "/")
		return path.Join(unescapeModule(module), folder), true
	}
	// Built with -trimpath, paths are relative.
	if module, version, found := strings.Cut(dir, "@v"); found && !cached && !path.IsAbs(dir) {
		_, folder, _ := strings.Cut(version, "/")
		return path.Join(module, folder), true
	}
	return dir, isStandardFolder(dir)
}

// cutLast is strings.Cut around the last sep.
func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// isGoRoot reports whether a folder looks like one that holds a Go installation:
// /usr/local/go, go/1.26.0/x64, toolchain@v0.0.1-go1.26.0.linux-amd64.
func isGoRoot(dir string) bool {
	for part := range strings.SplitSeq(strings.ToLower(dir), "/") {
		if part == "go" || strings.HasPrefix(part, "go1") || strings.HasPrefix(part, "go-") || strings.HasPrefix(part, "toolchain@") {
			return true
		}
	}
	return false
}

// standardFolders are the folders of the standard library with functions that return
// closures and are small enough to be inlined.
var standardFolders = [...]string{"bufio", "bytes", "context", "iter", "maps", "net", "os", "reflect", "regexp", "slices", "sort", "strings", "sync", "testing", "time"}

func isStandardFolder(dir string) bool {
	first, _, _ := strings.Cut(dir, "/")
	return slices.Contains(standardFolders[:], first)
}

// unescapeModule undoes the escape of the module cache: "!x" is a capital X.
func unescapeModule(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '!' && i+1 < len(s) {
			i++
			b.WriteString(strings.ToUpper(s[i : i+1]))
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// escapePath writes an import path as the linker does in names: a dot in the last element
// would end the path.
func escapePath(p string) string {
	slash := strings.LastIndexByte(p, '/') + 1
	return p[:slash] + strings.ReplaceAll(p[slash:], ".", "%2e")
}

// String returns the name without the package: "(*Account).Move.func".
func (n funcName) String() string {
	name := n.name
	if n.receiver != "" {
		name = n.receiver + "." + name
	}
	name += strings.Repeat(".func", n.closures)
	if n.wrapper != "" {
		name += "." + n.wrapper
	}
	return name
}

// full returns the name with its import path, if it has one.
func (n funcName) full() string {
	if n.pkg == "" {
		return n.String()
	}
	return n.pkg + "." + n.String()
}
