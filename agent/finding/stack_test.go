package finding

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestFrameNames(t *testing.T) {
	for _, tt := range []struct {
		name, pkg, short string
	}{
		{"main.main", "main", "main.main"},
		{"main.run.func1", "main", "main.run.func"},
		{"example.com/app/bank.(*Account).Move", "example.com/app/bank", "bank.(*Account).Move"},
		{"example.com/app/bank.Move[...]", "example.com/app/bank", "bank.Move[...]"},
		{"example.com/a.Map[example.com/b.Key,go.shape.int]", "example.com/a", "a.Map[...]"},
		{"example.com/a.(*Set[example.com/b.Key]).Add", "example.com/a", "a.(*Set[...]).Add"},
		{"gopkg.in/yaml%2ev3.Unmarshal", "gopkg.in/yaml%2ev3", "yaml.v3.Unmarshal"},
		{"github.com/dgraph-io/badger/v4.(*oracle).readTs", "github.com/dgraph-io/badger/v4", "badger.(*oracle).readTs"},
		{"math/rand/v2.IntN", "math/rand/v2", "rand.IntN"},
		{"v4.F", "v4", "v4.F"},
		{"a.com/v.F", "a.com/v", "v.F"},
		{"a.com/v4x.F", "a.com/v4x", "v4x.F"},
		{"net/http.(*conn).serve", "net/http", "http.(*conn).serve"},
		{"sync.(*Mutex).Lock", "sync", "sync.(*Mutex).Lock"},
		{"runtime/debug.Stack", "runtime/debug", "debug.Stack"},
		{"nodot", "", "nodot"},
		{"", "", ""},
	} {
		f := Frame{Func: tt.name}
		if got := f.Package(); got != tt.pkg {
			t.Errorf("Package of %q: %q, want %q", tt.name, got, tt.pkg)
		}
		if got := f.ShortFunc(); got != tt.short {
			t.Errorf("ShortFunc of %q: %q, want %q", tt.name, got, tt.short)
		}
	}
}

func TestFrameString(t *testing.T) {
	for _, tt := range []struct {
		frame Frame
		want  string
	}{
		{Frame{Func: "a.com/b.F", File: "/src/b/f.go", Line: 12}, "b.F f.go:12"},
		{Frame{Func: "a.com/b.F", File: `C:\src\b\f.go`, Line: 3}, "b.F f.go:3"},
		{Frame{Func: "a.com/b.F"}, "b.F"},
	} {
		if got := tt.frame.String(); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.frame, got, tt.want)
		}
	}
}

func TestIsStandard(t *testing.T) {
	for _, tt := range []struct {
		fn, file string
		want     bool
	}{
		{"sync.(*Mutex).Lock", "/usr/local/go/src/sync/mutex.go", true},
		{"sync.(*Mutex).Lock", "", true},
		{"net/http.(*conn).serve", "/usr/local/go/src/net/http/server.go", true},
		{"net/http.(*conn).serve", "net/http/server.go", true}, // -trimpath
		{"internal/poll.(*FD).Read", "", true},
		{"main.main", "/home/me/main.go", false},
		{"command-line-arguments.TestX", "", false},
		{"example.com/app.F", "", false},
		{"myapp/bank.F", "/home/me/myapp/bank/bank.go", false},
		{"myapp/bank.F", "myapp/bank/bank.go", false}, // -trimpath
		{"server.(*Server).run", "/home/me/src/server/run.go", false},
		{"", "", false},
	} {
		if got := (Frame{Func: tt.fn, File: tt.file}).IsStandard(); got != tt.want {
			t.Errorf("IsStandard of %q in %q: %v", tt.fn, tt.file, got)
		}
	}
}

// TestStandardRoots holds that the list has all of this Go's standard library.
func TestStandardRoots(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "std").Output()
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range strings.FieldsSeq(string(out)) {
		if f := (Frame{Func: pkg + ".F"}); !f.IsStandard() {
			t.Errorf("%s is taken for the user's", pkg)
		}
	}
	if !slices.IsSorted(standardRoots) {
		t.Error("the list is not in order")
	}
}

func TestSiteAndUser(t *testing.T) {
	lock := Frame{Func: "sync.(*Mutex).Lock"}
	park := Frame{Func: "runtime.gopark"}
	ours := Frame{Func: agentPath + ".(*Mutex).Lock", File: "/x/agent/mutex.go"}
	engine := Frame{Func: enginePath + ".(*Lock).Request", File: "/x/internal/detect/request.go"}
	ourTest := Frame{Func: agentPath + ".TestX", File: "/x/agent/x_test.go"}
	sleep := Frame{Func: "time.Sleep"}
	read := Frame{Func: "net.(*conn).Read"}
	user := Frame{Func: "example.com/app.Serve"}
	for _, tt := range []struct {
		name       string
		stack      Stack
		site, user Frame
		trimmed    int
	}{
		{"empty", nil, Frame{}, Frame{}, 0},
		{"user only", Stack{user}, user, user, 1},
		{"mutex", Stack{park, lock, user}, user, user, 1},
		{"agent mutex", Stack{lock, ours, user}, user, user, 1},
		{"engine", Stack{park, engine, ours, user}, user, user, 1},
		{"agent test", Stack{ours, ourTest}, ourTest, ourTest, 1},
		{"sleep", Stack{park, sleep, user}, user, user, 1},
		{"standard library waits", Stack{park, read, user}, read, user, 2},
		{"machinery only", Stack{park, lock}, park, park, 2},
		{"no user code", Stack{park, read}, read, read, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.stack.Site(); got != tt.site {
				t.Errorf("site %v, want %v", got, tt.site)
			}
			if got := tt.stack.User(); got != tt.user {
				t.Errorf("user %v, want %v", got, tt.user)
			}
			if got := tt.stack.Trim(); len(got) != tt.trimmed {
				t.Errorf("trimmed to %v, want %d frames", got, tt.trimmed)
			}
		})
	}
}
