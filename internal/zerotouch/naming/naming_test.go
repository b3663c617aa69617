package naming

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// source has a comment with the operation and the name at each line that is asked for.
const source = `package bank

import (
	"sync"

	"example.com/other"
)

var ledger sync.Mutex

type Account struct {
	mu    sync.Mutex
	ch    chan int
	quit  chan bool
	group sync.WaitGroup
	cond  *sync.Cond
}

type Shard[K comparable] struct {
	sync.RWMutex
}

type Cache struct{ shards []*Shard[string] }

func (c *Cache) shard(k string) *Shard[string] { return c.shards[len(k)] }

func NewAccount() *Account { return new(Account) }

func (a *Account) Move(to *Account, n int) {
	a.mu.Lock() // lock (*Account).mu
	to.mu.Lock() // lock (*Account).mu
	ledger.Lock() // lock bank.ledger
	defer func() {
		a.mu.Unlock() // lock (*Account).mu
	}()
	other.Mu.Lock() // lock other.Mu
	a.ch <- 1 // send (*Account).ch
	<-a.ch // receive (*Account).ch
	close(a.quit) // close (*Account).quit
	a.group.Wait() // wait (*Account).group
	a.cond.Wait() // wait (*Account).cond
	for range a.ch { // receive (*Account).ch
	}
	select { // send (*Account).ch
	case a.ch <- 2:
	case <-a.quit:
	}
	select { // receive
	case <-a.ch:
	case <-a.quit:
	}
	a.mu.Lock(); to.mu.Lock() // lock (*Account).mu
}

func (s *Shard[K]) use(k K) {
	s.Lock() // embedded (*Shard).RWMutex
}

func (c *Cache) Get(k string) {
	c.shard(k).RLock() // lock (*Cache).shard()
	sh := c.shards[0]
	sh.Lock() // lock (*Cache).shards[]
	for _, each := range c.shards {
		each.RWMutex.Lock() // lock (*Cache).shards[].RWMutex
	}
}

func free(l sync.Locker, b *other.Thing, any interface{}) {
	l.Lock() // lock
	b.Mu.Lock() // lock (*other.Thing).Mu
	var mu sync.Mutex
	mu.Lock() // lock mu of free
	p := &Account{}
	p.mu.Lock() // lock (*Account).mu
	q, _ := NewAccount(), 1
	q.mu.Lock() // lock (*Account).mu
	any.(*Account).mu.Lock() // lock (*Account).mu
	done := make(chan bool)
	go func(c chan bool) {
		<-done // receive done of free
		<-c // receive
		<-c // parameter c of free
	}(done)
	p.
		mu.
		Lock() // lock (*Account).mu
	var w sync.WaitGroup
	w.Wait() // wait w of free
	free(l, b, any) // lock
}
`

var ops = map[string]Op{"lock": Lock, "embedded": Lock, "send": Send, "receive": Receive, "close": Close, "wait": Wait}

func TestNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bank.go")
	if err := os.WriteFile(path, []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	var n Namer
	asked := 0
	for i, line := range strings.Split(source, "\n") {
		_, comment, ok := strings.Cut(line, " // ")
		if !ok {
			continue
		}
		asked++
		word, want, _ := strings.Cut(comment, " ")
		embedded := ""
		if word == "embedded" {
			embedded = "RWMutex"
		}
		for range 2 { // read and remembered
			at := finding.Frame{File: path, Line: i + 1}
			got := n.Name(at, ops[word], embedded)
			if word == "parameter" {
				got = n.ParameterName(at, Receive)
			}
			if got != want {
				t.Errorf("line %d, %s: %q, want %q", i+1, strings.TrimSpace(line), got, want)
			}
		}
	}
	if asked < 25 {
		t.Errorf("%d lines were asked for", asked)
	}
}

func TestNoName(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.go")
	if err := os.WriteFile(bad, []byte("package bad\nfunc {"), 0o644); err != nil {
		t.Fatal(err)
	}
	var n Namer
	for _, f := range []finding.Frame{
		{}, {File: "rel/bank.go", Line: 3}, {File: filepath.Join(dir, "none.go"), Line: 3}, {File: bad, Line: 2}, {File: bad},
	} {
		if got := n.Name(f, Lock, "Mutex"); got != "" {
			t.Errorf("%+v: named %q", f, got)
		}
	}
}
