package snapshot_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/agent/snapshot"
)

// saved is a snapshot as the page of a service serves it, cut short.
const saved = `{
	"schema": 1,
	"resources": [{"kind": "mutex", "name": "journal", "class_id": 0}],
	"goroutines": [
		{"id": 7, "holds": [{"resource": 0, "mode": "exclusive", "stack": [{"func": "bank.Move"}]}]},
		{"id": 9, "wait": {"op": "lock", "resources": [0], "mode": "exclusive", "stack": [{"func": "bank.Audit"}]}}
	],
	"classes": [{"id": 0, "kind": "mutex", "name": "journal"}, {"id": 1, "kind": "mutex", "name": "accounts"}],
	"edges": [
		{"from": 0, "to": 1, "count": 3},
		{"from": 1, "to": 0, "count": 1}
	]
}`

func read() *snapshot.Snapshot {
	s := new(snapshot.Snapshot)
	if err := json.NewDecoder(strings.NewReader(saved)).Decode(s); err != nil {
		panic(err)
	}
	return s
}

// Holders and Waiters say which goroutines have to do with a lock.
func ExampleSnapshot_Holders() {
	s := read()
	for i, r := range s.Resources {
		for _, h := range s.Holders(i) {
			fmt.Printf("goroutine %d holds the %s %s: %s\n", h.Goroutine.ID, r.Kind, r.Name, h.Hold.Stack.Site())
		}
	}
	// Output: goroutine 7 holds the mutex journal: bank.Move
}

func ExampleSnapshot_Waiters() {
	s := read()
	for _, g := range s.Waiters(0) {
		fmt.Printf("goroutine %d waits in %s\n", g.ID, g.Wait.Stack.Site())
	}
	// Output: goroutine 9 waits in bank.Audit
}

func ExampleSnapshot_Goroutine() {
	s := read()
	fmt.Println(s.Goroutine(7).HasHold(0), s.Goroutine(8) == nil)
	// Output: true true
}

func ExampleGoroutine_HasHold() {
	s := read()
	for _, g := range s.Goroutines {
		fmt.Println(g.ID, g.HasHold(0))
	}
	// Output:
	// 7 true
	// 9 false
}

// Complete derives what follows from the rest, such as which edges lie on a cycle.
func ExampleSnapshot_Complete() {
	s := read()
	s.Complete()
	for _, e := range s.Edges {
		fmt.Println(s.Classes[e.From].Name, "before", s.Classes[e.To].Name, e.Cyclic)
	}
	// Output:
	// journal before accounts true
	// accounts before journal true
}

func ExampleNew() {
	s := snapshot.New(read().Taken)
	s.Resources = append(s.Resources, snapshot.Resource{
		Resource: finding.Resource{Kind: finding.Mutex, Name: "cache"}, ClassID: -1,
	})
	fmt.Println(s.Schema, s.Resources[0].Kind, s.Resources[0].Name)
	// Output: 1 mutex cache
}
