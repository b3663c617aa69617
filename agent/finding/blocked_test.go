package finding

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBlockedHeadline(t *testing.T) {
	for want, p := range map[string]BlockedProcess{
		"TestX timed out after 10s with 4 goroutines blocked":                     {Tests: []string{"TestX"}, Ended: "timed out after 10s", Count: 4},
		"TestX/sub timed out after 10s with 1 goroutine blocked":                  {Tests: []string{"TestX", "TestX/sub"}, Ended: "timed out after 10s", Count: 1},
		"TestX and TestXY timed out after 10s with 2 goroutines blocked":          {Tests: []string{"TestX", "TestXY"}, Ended: "timed out after 10s", Count: 2},
		"A, B and 2 more tests timed out after 10s with 9 goroutines blocked":     {Tests: []string{"A", "B", "C", "D"}, Ended: "timed out after 10s", Count: 9},
		"server was interrupted with 3 goroutines blocked":                        {Program: "server", Ended: "was interrupted", Count: 3},
		"the program was killed with 3 goroutines blocked":                        {Ended: "was killed", Count: 3},
		"3 goroutines blocked in goroutines.txt":                                  {Input: "goroutines.txt", Count: 3},
		"3 goroutines blocked":                                                    {Count: 3},
		"the program was interrupted with 2 goroutines waiting":                   {Ended: "was interrupted", Count: 2, Groups: []BlockedGroup{{Idle: true}}},
		"the program was interrupted with 3 goroutines blocked":                   {Ended: "was interrupted", Count: 3, Groups: []BlockedGroup{{Idle: true}, {}}},
		"TestA, TestB and TestC timed out after 1m0s with 100 goroutines blocked": {Tests: []string{"TestA", "TestB", "TestC"}, Ended: "timed out after 1m0s", Count: 100},
	} {
		if got := p.Headline(); got != want {
			t.Errorf("headline %q, want %q", got, want)
		}
	}
}

func TestBlockedHead(t *testing.T) {
	for want, g := range map[string]BlockedGroup{
		"1 goroutine (7) waits to lock the mutex":                                     {Count: 1, IDs: []uint64{7}, Resource: Resource{Kind: Mutex}, Mode: Exclusive},
		"2 goroutines (7, 8) of TestX wait to lock the mutex s.mu":                    {Count: 2, IDs: []uint64{7, 8}, Test: "TestX", Resource: Resource{Kind: Mutex, Name: "s.mu"}},
		"5 goroutines (7, 8, 9, …) wait to read-lock the RWMutex":                     {Count: 5, IDs: []uint64{7, 8, 9, 10}, Resource: Resource{Kind: RWMutex}, Mode: Shared},
		"1 goroutine waits to lock the RWMutex for 3m0s":                              {Count: 1, Resource: Resource{Kind: RWMutex}, Mode: Exclusive, OldestNanos: 180e9},
		"2 goroutines wait to send on channel s.out, the longest for 3m0s":            {Count: 2, Resource: Resource{Kind: Channel, Name: "s.out"}, Mode: Send, OldestNanos: 180e9},
		"1 goroutine waits to receive from a nil channel":                             {Count: 1, Resource: Resource{Kind: Channel}, Mode: Receive, State: "chan receive (nil chan)"},
		"1 goroutine waits in a select":                                               {Count: 1, Resource: Resource{Kind: Channel}, Mode: Select, State: "select"},
		"1 goroutine waits in a select without cases":                                 {Count: 1, Resource: Resource{Kind: Channel}, Mode: Select, State: "select (no cases)"},
		"1 goroutine waits for the wait group":                                        {Count: 1, Resource: Resource{Kind: WaitGroup}},
		"1 goroutine waits for a signal of the cond ready":                            {Count: 1, Resource: Resource{Kind: Cond, Name: "ready"}},
		"1 goroutine waits for the function of the once":                              {Count: 1, Resource: Resource{Kind: Once}},
		"1 goroutine waits [syscall]":                                                 {Count: 1, State: "syscall"},
		"3 goroutines (1, 2, 3) wait to receive from channel c, the longest for 1m0s": {Count: 3, IDs: []uint64{1, 2, 3}, Resource: Resource{Kind: Channel, Name: "c"}, Mode: Receive, OldestNanos: 60e9},
	} {
		if got := g.Head(); got != want {
			t.Errorf("head %q, want %q", got, want)
		}
	}
}

func TestBlockedFacts(t *testing.T) {
	at := func(function string) Stack { return Stack{{Func: function, File: "/src/a.go", Line: 1}} }
	holder := Holder{ID: 9, Held: at("main.a"), State: "chan send", Stack: at("main.b")}
	for name, tt := range map[string]struct {
		group BlockedGroup
		want  []string
	}{
		"nothing": {BlockedGroup{}, nil},
		"holder": {BlockedGroup{Resource: Resource{Kind: Mutex}, Created: at("main.main")[0], Holders: []Holder{holder}},
			[]string{"created by main.main a.go:1", "goroutine 9 holds it in main.a a.go:1 and is in [chan send] at main.b a.go:1"}},
		"many holders": {BlockedGroup{Resource: Resource{Kind: WaitGroup}, Holders: []Holder{{Likely: true}, {ID: 1}, {ID: 2, Name: "w"}, {ID: 3}}},
			[]string{"a goroutine probably owes it a Done", "goroutine 1 owes it a Done", "goroutine 2 w owes it a Done", "… 1 more holder"}},
		"holds": {BlockedGroup{Holds: []BlockedHold{
			{Resource: Resource{Kind: RWMutex, Name: "t.mu"}, Mode: Shared, Likely: true, Stack: at("main.c")},
			{Resource: Resource{Kind: Mutex, Address: 0xc00}}}},
			[]string{"probably holds rwmutex t.mu for reading, in main.c a.go:1", "holds mutex (0xc00)"}},
		"uses": {BlockedGroup{Uses: []Use{
			{ID: 3, Verb: "sent on it", Stack: at("main.d"), State: StateEnded},
			{ID: 4, Verb: "sent on it", Stack: at("main.d"), State: "select, 3 s", Now: at("main.e")},
			{ID: 5, Verb: "closed it", State: StateAwake},
			{Verb: "sent on it"},
		}}, []string{
			"goroutine 3 sent on it at main.d a.go:1 and has ended",
			"goroutine 4 sent on it at main.d a.go:1 and is in [select, 3 s] at main.e a.go:1",
			"goroutine 5 closed it and does not wait for another goroutine",
			"the function of a timer sent on it",
		}},
		"unused channel of senders":   {BlockedGroup{Unused: true, Resource: Resource{Kind: Channel}, Mode: Send}, []string{"no goroutine has received from it"}},
		"unused channel of receivers": {BlockedGroup{Unused: true, Resource: Resource{Kind: Channel}, Mode: Receive}, []string{"no goroutine has sent on it or closed it"}},
		"unused wait group":           {BlockedGroup{Unused: true, Resource: Resource{Kind: WaitGroup}}, []string{"no goroutine has called Done"}},
		"unused cond":                 {BlockedGroup{Unused: true, Resource: Resource{Kind: Cond}}, []string{"no goroutine has signalled it"}},
	} {
		if diff := cmp.Diff(tt.want, tt.group.Facts()); diff != "" {
			t.Errorf("%s: facts (-want +got):\n%s", name, diff)
		}
	}
}

// TestPrintBlocked holds that what is left out is counted.
func TestPrintBlocked(t *testing.T) {
	group := func(n int64) BlockedGroup {
		return BlockedGroup{Count: n, Resource: Resource{Kind: Mutex}, Stack: Stack{{Func: "main.f", File: "f.go", Line: 3}}}
	}
	p := BlockedProcess{Count: 10, Groups: []BlockedGroup{group(1), group(4), group(3)}}
	for limit, want := range map[int]string{
		1: "1 goroutine waits to lock the mutex\n  main.f f.go:3\n… 9 more goroutines in other places\n",
		2: "1 goroutine waits to lock the mutex\n  main.f f.go:3\n4 goroutines wait to lock the mutex\n  main.f f.go:3\n… 5 more goroutines in other places\n",
	} {
		var b strings.Builder
		Printer{}.PrintBlocked(&b, &p, limit, "")
		if diff := cmp.Diff(want, b.String()); diff != "" {
			t.Errorf("limit %d (-want +got):\n%s", limit, diff)
		}
	}
}

// TestExplained holds that goroutines that a finding shows are not shown once more.
func TestExplained(t *testing.T) {
	at := Stack{{Func: "main.f", File: "f.go", Line: 3}}
	elsewhere := Stack{{Func: "main.g", File: "f.go", Line: 5}}
	rep := Report{Findings: []Finding{
		{Fingerprint: "1"},
		{Fingerprint: "2", Goroutines: []Goroutine{{Wait: &Wait{Stack: at}}}},
	}}
	group := BlockedGroup{Count: 1, Resource: Resource{Kind: Mutex}, Stack: at}
	member, victim := group, group
	member.Finding, victim.Finding, victim.Stack = "2", "2", elsewhere
	p := BlockedProcess{Count: 3, Groups: []BlockedGroup{member, victim, group}}
	want := "1 goroutine waits to lock the mutex: see finding 2\n" +
		"1 goroutine waits to lock the mutex\n  main.g f.go:5\n  because of finding 2\n" +
		"1 goroutine waits to lock the mutex\n  main.f f.go:3\n"
	var b strings.Builder
	Printer{Explained: rep.Explains}.PrintBlocked(&b, &p, 9, "")
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
