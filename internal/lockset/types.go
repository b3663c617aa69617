package lockset

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
)

// pkg is a package whose declarations are checked, and the bodies of those functions
// that were asked for: a large package has thousands of others.
type pkg struct {
	files  []*ast.File
	wanted map[*ast.FuncDecl]bool
	// info is nil until the package is checked, and again when another body is wanted.
	info *types.Info
}

// typesOf returns the types of the package with the body of decl, nil for a function
// outside of all declarations.
func (s *Sources) typesOf(name string, file *ast.File, decl *ast.FuncDecl) *types.Info {
	p := s.packageOf(name, file)
	p.want(decl)
	if p.info == nil {
		p.info = s.check(p)
	}
	return p.info
}

func (s *Sources) packageOf(name string, file *ast.File) *pkg {
	name = s.path(name)
	key := packageKey{filepath.Dir(name), file.Name.Name, strings.HasSuffix(name, testSuffix)}
	p := s.packages[key]
	if p == nil {
		p = &pkg{files: s.siblings(name, file), wanted: make(map[*ast.FuncDecl]bool)}
		s.packages[key] = p
	}
	return p
}

func (p *pkg) want(decl *ast.FuncDecl) {
	if decl != nil && !p.wanted[decl] {
		p.wanted[decl], p.info = true, nil
	}
}

// check never fails: what it cannot resolve has no type.
func (s *Sources) check(p *pkg) *types.Info {
	info := &types.Info{
		Types:      make(map[ast.Expr]types.TypeAndValue),
		Defs:       make(map[*ast.Ident]types.Object),
		Uses:       make(map[*ast.Ident]types.Object),
		Selections: make(map[*ast.SelectorExpr]*types.Selection),
	}
	stripped := make([]*ast.File, len(p.files))
	for i, f := range p.files {
		stripped[i] = p.strip(f)
	}
	conf := types.Config{Importer: stubs{s.fset}, FakeImportC: true, DisableUnusedImportCheck: true, Error: func(error) {}}
	_, _ = conf.Check(p.files[0].Name.Name, s.fset, stripped, info) // errors are expected: imports are stubs
	return info
}

// strip returns the file without the bodies of functions that are not needed.
func (p *pkg) strip(f *ast.File) *ast.File {
	out := *f
	out.Decls = make([]ast.Decl, len(f.Decls))
	for i, d := range f.Decls {
		if decl, is := d.(*ast.FuncDecl); is && !p.wanted[decl] {
			bare := *decl
			bare.Body = nil
			d = &bare
		}
		out.Decls[i] = d
	}
	return &out
}

// stubs imports what locks and timers need, and nothing else. Types have the sizes of the
// real ones.
type stubs struct{ fset *token.FileSet }

var stubSources = map[string]string{
	"sync": `package sync
type Locker interface { Lock(); Unlock() }
type Mutex struct { _ [2]int32 }
func (*Mutex) Lock() {}
func (*Mutex) TryLock() bool { return true }
func (*Mutex) Unlock() {}
type RWMutex struct { _ [6]int32 }
func (*RWMutex) Lock() {}
func (*RWMutex) TryLock() bool { return true }
func (*RWMutex) Unlock() {}
func (*RWMutex) RLock() {}
func (*RWMutex) TryRLock() bool { return true }
func (*RWMutex) RUnlock() {}
func (*RWMutex) RLocker() Locker { return nil }
type WaitGroup struct { _ [2]int64 }
func (*WaitGroup) Add(int) {}
func (*WaitGroup) Done() {}
func (*WaitGroup) Go(func()) {}
func (*WaitGroup) Wait() {}
type Cond struct { L Locker; _ [6]int64 }
func NewCond(Locker) *Cond { return nil }
func (*Cond) Wait() {}
func (*Cond) Signal() {}
func (*Cond) Broadcast() {}
type Once struct { _ [3]int32 }
func (*Once) Do(func()) {}
`,
	"sync/atomic": `package atomic
type Bool struct { _ uint32 }
type Int32 struct { _ int32 }
type Uint32 struct { _ uint32 }
type Int64 struct { _ int64 }
type Uint64 struct { _ uint64 }
type Uintptr struct { _ uintptr }
type Pointer[T any] struct { _ *T }
type Value struct { _ any }
`,
	"time": `package time
type Time struct{ _ [3]int64 }
type Duration int64
type Timer struct { C <-chan Time }
type Ticker struct { C <-chan Time }
func After(Duration) <-chan Time { return nil }
func Tick(Duration) <-chan Time { return nil }
func NewTimer(Duration) *Timer { return nil }
func NewTicker(Duration) *Ticker { return nil }
`,
	"context": `package context
type Context interface { Done() <-chan struct{}; Err() error }
`,
}

// Import returns an error for most packages; the checker then goes on without them.
func (st stubs) Import(path string) (*types.Package, error) {
	text, ok := stubSources[path]
	if !ok {
		return nil, errors.New("not followed")
	}
	f, err := parser.ParseFile(st.fset, path, text, 0)
	if err != nil {
		return nil, err
	}
	conf := types.Config{Error: func(error) {}}
	return conf.Check(path, st.fset, []*ast.File{f}, nil)
}
