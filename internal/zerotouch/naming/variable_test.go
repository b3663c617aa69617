package naming

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
)

const variables = `package bank

type account struct {
	total, other int
	names        map[string]int
	next         *account
}

var ledger int

func (a *account) write(n int, v []int, p *int) {
	a.total += n // add
	ledger++ // post
	a.names["x"] = n // name
	v[2] = a.other // store
	*p = n // through
	a.total, a.other = n, n // both
	a.next.total = 7 // next
	delete(a.names, "x") // drop
	total := n
	go func() { total++ }() // local
	print(a.total, ledger) // read
	print(a.names["y"], total) // look
	copy(v, v) // none
}
`

func TestVariableName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bank.go")
	if err := os.WriteFile(path, []byte(variables), 0o644); err != nil {
		t.Fatal(err)
	}
	at := func(comment string) finding.Frame {
		before, _, found := strings.Cut(variables, "// "+comment+"\n")
		if !found {
			t.Fatalf("there is no line %s", comment)
		}
		return finding.Frame{Func: "bank.f", File: path, Line: strings.Count(before, "\n") + 1}
	}
	var n Namer
	for _, tt := range []struct{ write, other, want string }{
		{"add", "read", "(*account).total"},
		{"add", "both", "(*account).total"},
		{"both", "add", "(*account).total"},
		{"both", "store", "(*account).other"},
		{"both", "none", ""}, // one of two
		{"post", "read", "bank.ledger"},
		{"post", "post", "bank.ledger"},
		{"name", "look", "(*account).names[]"},
		{"drop", "look", "(*account).names[]"},
		{"store", "none", "v[]"},
		{"next", "none", "(*account).next.total"},
		{"local", "look", "total of (*account).write"},
		{"through", "none", ""}, // who knows what it points to
		{"none", "read", ""},
	} {
		got := n.VariableName(at(tt.write), at(tt.other))
		if got != tt.want {
			t.Errorf("%s and %s: %q, want %q", tt.write, tt.other, got, tt.want)
		}
	}
	gone := finding.Frame{File: filepath.Join(t.TempDir(), "gone.go"), Line: 3}
	if got := n.VariableName(gone, at("read")); got != "" {
		t.Errorf("a file that is not there: %q", got)
	}
}
