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
	// declared are the functions that info knows, nil before the first question.
	declared map[types.Object]*ast.FuncDecl
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

// wholeTypes returns the types of the package with all its bodies.
func (s *Sources) wholeTypes(name string, f *ast.File) *types.Info {
	pk := s.packageOf(name, f)
	for _, file := range pk.files {
		for _, d := range file.Decls {
			decl, _ := d.(*ast.FuncDecl)
			pk.want(decl)
		}
	}
	return s.typesOf(name, f, nil)
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
		p.wanted[decl], p.info, p.declared = true, nil, nil
	}
}

// declaration returns where a function of the package is declared, nil if it is not. The
// package is checked.
func (p *pkg) declaration(f *types.Func) *ast.FuncDecl {
	if p.declared == nil {
		p.declared = make(map[types.Object]*ast.FuncDecl)
		for _, file := range p.files {
			for _, d := range file.Decls {
				if decl, is := d.(*ast.FuncDecl); is {
					p.declared[p.info.Defs[decl.Name]] = decl
				}
			}
		}
	}
	return p.declared[f.Origin()]
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
func (*Bool) Load() bool { return true }
func (*Bool) Store(bool) {}
func (*Bool) Swap(bool) bool { return true }
func (*Bool) CompareAndSwap(old, new bool) bool { return true }
type Int32 struct { _ int32 }
func (*Int32) Load() int32 { return 0 }
func (*Int32) Store(int32) {}
func (*Int32) Add(int32) int32 { return 0 }
func (*Int32) Swap(int32) int32 { return 0 }
func (*Int32) CompareAndSwap(old, new int32) bool { return true }
type Uint32 struct { _ uint32 }
func (*Uint32) Load() uint32 { return 0 }
func (*Uint32) Store(uint32) {}
func (*Uint32) Add(uint32) uint32 { return 0 }
func (*Uint32) Swap(uint32) uint32 { return 0 }
func (*Uint32) CompareAndSwap(old, new uint32) bool { return true }
type Int64 struct { _ int64 }
func (*Int64) Load() int64 { return 0 }
func (*Int64) Store(int64) {}
func (*Int64) Add(int64) int64 { return 0 }
func (*Int64) Swap(int64) int64 { return 0 }
func (*Int64) CompareAndSwap(old, new int64) bool { return true }
type Uint64 struct { _ uint64 }
func (*Uint64) Load() uint64 { return 0 }
func (*Uint64) Store(uint64) {}
func (*Uint64) Add(uint64) uint64 { return 0 }
func (*Uint64) Swap(uint64) uint64 { return 0 }
func (*Uint64) CompareAndSwap(old, new uint64) bool { return true }
type Uintptr struct { _ uintptr }
func (*Uintptr) Load() uintptr { return 0 }
func (*Uintptr) Store(uintptr) {}
func (*Uintptr) Add(uintptr) uintptr { return 0 }
func (*Uintptr) Swap(uintptr) uintptr { return 0 }
func (*Uintptr) CompareAndSwap(old, new uintptr) bool { return true }
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
func (*Timer) Stop() bool { return true }
func (*Timer) Reset(Duration) bool { return true }
func (*Ticker) Stop() {}
func (*Ticker) Reset(Duration) {}
const (
	Nanosecond Duration = 1
	Microsecond = 1000 * Nanosecond
	Millisecond = 1000 * Microsecond
	Second = 1000 * Millisecond
	Minute = 60 * Second
	Hour = 60 * Minute
)
func (Duration) Nanoseconds() int64 { return 0 }
func (Duration) Milliseconds() int64 { return 0 }
func (Duration) Seconds() float64 { return 0 }
func (Duration) String() string { return "" }
func Now() (t Time) { return t }
func Since(Time) Duration { return 0 }
func Until(Time) Duration { return 0 }
func Sleep(Duration) {}
func (Time) Sub(Time) Duration { return 0 }
func (t Time) Add(Duration) Time { return t }
func (Time) After(Time) bool { return true }
func (Time) Before(Time) bool { return true }
func (Time) Equal(Time) bool { return true }
func (Time) IsZero() bool { return true }
func (Time) Unix() int64 { return 0 }
func (Time) UnixNano() int64 { return 0 }
func (Time) UnixMilli() int64 { return 0 }
`,
	"context": `package context
type Context interface { Done() <-chan struct{}; Err() error; Value(any) any }
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
