package lockwarn

import (
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
)

func TestFullName(t *testing.T) {
	for _, tt := range []struct {
		short, file, want string
		standard          bool
	}{
		{"main.(*account).add", "main.go", "main.(*account).add", false},
		{"http.(*conn).serve", "/usr/local/go/src/net/http/server.go", "net/http.(*conn).serve", true},
		{"http.(*conn).serve", "../../../usr/local/go/src/net/http/server.go", "net/http.(*conn).serve", true},
		{"http.(*conn).serve", "/opt/hostedtoolcache/go/1.23.4/x64/src/net/http/server.go", "net/http.(*conn).serve", true},
		{"http.(*conn).serve", "~/sdk/go1.22.1/src/net/http/server.go", "net/http.(*conn).serve", true},
		{"server.(*Server).run", "server/run.go", "server.(*Server).run", false},
		{"server.(*Server).run", "/home/me/src/shop/server/run.go", "shop/server.(*Server).run", false},
		{"log.(*Entry).Write", "../log/entry.go", "./log.(*Entry).Write", false},
		{"log.(*Entry).Write", "~/shop/log/entry.go", "shop/log.(*Entry).Write", false},
		{"sync.(*Mutex).Lock", "libs/sync/deadlock.go", "libs/sync.(*Mutex).Lock", false},
		{"log.(*Entry).Write", "log/entry.go", "./log.(*Entry).Write", false},
		{"raft.(*node).run", "~/go/pkg/mod/go.etcd.io/raft/v3@v3.6.0/node.go", "go.etcd.io/raft/v3.(*node).run", false},
		{"bank.Move", "example.com/shop/bank/move.go", "example.com/shop/bank.Move", false},
		{"nats%2ego.(*Conn).Close", "~/go/pkg/mod/github.com/nats-io/nats.go@v1.30.0/nats.go", "github.com/nats-io/nats%2ego.(*Conn).Close", false},
	} {
		got := fullName(tt.short, tt.file)
		if got != tt.want {
			t.Errorf("%s in %s: %s, want %s", tt.short, tt.file, got, tt.want)
		}
		if is := (finding.Frame{Func: got, File: tt.file}).IsStandard(); is != tt.standard {
			t.Errorf("%s in %s: standard %v", got, tt.file, is)
		}
	}
}
