package dump

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/logtext"
)

// quit is what SIGQUIT writes, shortened.
const quit = `SIGQUIT: quit
PC=0x486021 m=0 sigcode=0

goroutine 0 gp=0x5f5620 m=0 mp=0x5f63e0 [idle]:
runtime.futex(0x5f6538, 0x80, 0x0, 0x0, 0x0, 0x0)
	/go/src/runtime/sys_linux_amd64.s:569 +0x21 fp=0x7ffd6fabd128 sp=0x7ffd6fabd120 pc=0x486021

goroutine 1 gp=0x30393016e1e0 m=nil [chan receive, 12 minutes, locked to thread]:
runtime.gopark(0x23d9775563b?, 0x482a72?, 0xc8?, 0xae?, 0x45691f?)
	/go/src/runtime/proc.go:462 +0xce fp=0x3039301dae80 sp=0x3039301dae60 pc=0x47dbee
runtime.chanrecv1(0x0?, 0x0?)
	/go/src/runtime/chan.go:500 +0x12 fp=0x3039301daf48 sp=0x3039301daed8 pc=0x4dae05
main.wait({0xc000010000, 0x3}, 0xc000020000, 0xc000030000?, 0x1)
	/src/app/main.go:38 +0x3e5 fp=0x3039301daf48 sp=0x3039301daed8 pc=0x4dae05
runtime.goexit({})
	/go/src/runtime/asm_amd64.s:1771 +0x1 fp=0x3039301dafe8 sp=0x3039301dafe0 pc=0x4844e1

goroutine 7 gp=0x30393016e1e1 m=nil [sync.Mutex.Lock (leaked), 3 minutes, synctest bubble 4]:
sync.(*Mutex).Lock(...)
	/go/src/sync/mutex.go:46
main.(*store[...]).put(0xc000040000)
	/src/app/store.go:7 +0x3e5 fp=0x3039301daf48 sp=0x3039301daed8 pc=0x4dae05
...3 frames elided...
created by main.main.func1 in goroutine 1
	/src/app/main.go:20 +0x1a

rax    0xca
`

// outline writes dumps in short.
func outline(dumps []Dump) []string {
	var lines []string
	for _, d := range dumps {
		lines = append(lines, fmt.Sprintf("dump: %s %v", d.Cause, d.Tests))
		for _, g := range d.Goroutines {
			text := fmt.Sprintf("%d %s %d", g.ID, g.State, g.Minutes)
			if g.Locked {
				text += " locked"
			}
			if g.Leaked {
				text += " leaked"
			}
			for _, f := range g.Stack {
				text += " < " + f.String()
			}
			if !g.Created.IsZero() {
				text += fmt.Sprintf(" by %s in %d", g.Created, g.Parent)
			}
			for _, a := range g.Args {
				text += fmt.Sprintf(" %d:%#x", a.Frame, a.Value)
			}
			lines = append(lines, text)
		}
	}
	return lines
}

var quitOutline = []string{
	"dump: SIGQUIT: quit []",
	"1 chan receive 12 locked < main.wait main.go:38 0:0xc000010000 0:0xc000020000",
	"7 sync.Mutex.Lock 3 leaked < sync.(*Mutex).Lock mutex.go:46 < main.(*store[...]).put store.go:7 by main.main.func main.go:20 in 1 1:0xc000040000",
}

func mustRead(t testing.TB, text string) []Dump {
	t.Helper()
	s := NewScanner()
	if _, err := logtext.Read(strings.NewReader(text), s.Line); err != nil {
		t.Fatal(err)
	}
	return s.End()
}

// dress puts every line of text through f.
func dress(text string, f func(i int, line string) string) string {
	var b strings.Builder
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		b.WriteString(f(i, line) + "\n")
	}
	return b.String()
}

// TestReadEmbedded holds that a dump dressed as logs dress it reads the same.
func TestReadEmbedded(t *testing.T) {
	for name, text := range map[string]string{
		"plain":            quit,
		"behind a log":     strings.Repeat("handled request\n", 1000) + quit,
		"before a log":     quit + strings.Repeat("panic in the next one: no\nhandled request\n", 100),
		"prefix":           dress(quit, func(_ int, l string) string { return "web-1  | " + l }),
		"time stamps":      dress(quit, func(i int, l string) string { return fmt.Sprintf("2026-11-23T16:00:%02d.000Z %s", i%60, l) }),
		"tabs made spaces": strings.ReplaceAll(quit, "\t", "        "),
		"Windows":          strings.ReplaceAll(quit, "\n", "\r\n"),
		"container":        dress(quit, func(_ int, l string) string { return fmt.Sprintf(`{"log":%q,"stream":"stderr"}`, l+"\n") }),
		"go test -json": dress(quit, func(_ int, l string) string {
			return fmt.Sprintf(`{"Action":"output","Package":"p","Output":%q}`, l+"\n")
		}),
		"one field": fmt.Sprintf(`{"level":"error","stack":%q}`, quit),
		"other lines": dress(quit, func(i int, l string) string {
			if strings.TrimSpace(l) == "" {
				return l
			}
			return l + fmt.Sprintf("\nhandled request %d: ok", i)
		}),
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(quitOutline, outline(mustRead(t, text))); diff != "" {
				t.Errorf("dumps (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadParallelPackages(t *testing.T) {
	text := dress(quit, func(_ int, l string) string {
		return fmt.Sprintf(`{"Action":"output","Package":"a","Output":%[1]q}`+"\n"+`{"Action":"output","Package":"b","Output":%[1]q}`, l+"\n")
	})
	want := append(append([]string{}, quitOutline...), quitOutline...)
	if diff := cmp.Diff(want, outline(mustRead(t, text))); diff != "" {
		t.Errorf("dumps (-want +got):\n%s", diff)
	}
}

const one = "goroutine 5 [running]:\nmain.f()\n\t/src/m.go:1 +0x1\n"

func TestReadForms(t *testing.T) {
	const oneLine = "5 running 0 < main.f m.go:1"
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", "ok\n", nil},
		{"words about goroutines", "goroutine 5 is running, goroutine 6 [too]\n", nil},
		{"old created by", one + "created by main.main\n\t/src/m.go:9 +0x2\n", []string{"dump:  []", oneLine + " by main.main m.go:9 in 0"}},
		{"panic", "panic: boom\n\tbang\n\n" + one, []string{"dump: panic: boom []", oneLine}},
		{"time-out", "panic: test timed out after 1s\n\trunning tests:\n\t\tTestA (1s)\n\t\tTestB/sub_test (0s)\n\n" + one,
			[]string{"dump: panic: test timed out after 1s [TestA (1s) TestB/sub_test (0s)]", oneLine}},
		{"an empty line after each", strings.ReplaceAll(one+"created by main.main in goroutine 1\n\t/src/m.go:9 +0x2\n", "\n", "\n\n"),
			[]string{"dump:  []", oneLine + " by main.main m.go:9 in 1"}},
		{"two in a row", one + "\n" + one, []string{"dump:  []", oneLine, "dump:  []", oneLine}},
		{"two panics", "panic: a\n\n" + one + "\npanic: b\n\n" + strings.Replace(one, "5", "6", 1),
			[]string{"dump: panic: a []", oneLine, "dump: panic: b []", strings.Replace(oneLine, "5", "6", 1)}},
		{"a cause far away is none", "panic: a\n" + strings.Repeat("ok\n", 2*causeReach) + one, []string{"dump:  []", oneLine}},
		{"asleep without goroutines", Asleep + "\nexit status 2\n", []string{"dump: " + Asleep + " []"}},
		{"asleep", Asleep + "\n\n" + one, []string{"dump: " + Asleep + " []", oneLine}},
		{"unavailable", "goroutine 5 [running]:\n\tgoroutine running on other thread; stack unavailable\ncreated by main.main in goroutine 1\n\t/src/m.go:9 +0x2\n",
			[]string{"dump:  []", "5 running 0 by main.main m.go:9 in 1"}},
		{"ancestors", strings.TrimSuffix(one, "\n") + "\n[originating from goroutine 1]:\nmain.g(...)\n\t/src/m.go:7 +0x1\ncreated by main.h\n\t/src/m.go:8 +0x1\n",
			[]string{"dump:  []", oneLine}},
		{"panicking", "goroutine 5 [running]:\npanic({0x1?, 0x2?})\n\t/go/src/runtime/panic.go:1 +0x1\nmain.f(...)\n\t/src/m.go:1\n", []string{"dump:  []", oneLine}},
		{"labels", strings.Replace(one, "[running]", `[running labels:{"a": "b"}]`, 1), []string{"dump:  []", oneLine}},
		{"cut within a call", one[:len(one)-20], []string{"dump:  []", "5 running 0"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, outline(mustRead(t, tt.text))); diff != "" {
				t.Errorf("dumps (-want +got):\n%s", diff)
			}
		})
	}
}

// TestParse holds what the agent reads of its own process.
func TestParse(t *testing.T) {
	const text = `goroutine 1 [running]:
main.main()
	/src/main.go:9 +0x1d

goroutine 18 [chan receive, 2 minutes, locked to thread]:
example.com/pool.(*Pool).work(0xc000012345, {0x1, 0x2})
	/src/pool.go:12 +0x1d
example.com/pool.Start.func1(...)
	C:/src/pool.go:30
created by example.com/pool.Start in goroutine 1
	/src/pool.go:28 +0x5f

not a goroutine
`
	want := []Goroutine{
		{ID: 1, State: "running", Stack: finding.Stack{{Func: "main.main", File: "/src/main.go", Line: 9}}},
		{
			ID: 18, State: "chan receive", Minutes: 2, Locked: true, Parent: 1,
			Stack: finding.Stack{
				{Func: "example.com/pool.(*Pool).work", File: "/src/pool.go", Line: 12},
				{Func: "example.com/pool.Start.func1", File: "C:/src/pool.go", Line: 30},
			},
			Created: finding.Frame{Func: "example.com/pool.Start", File: "/src/pool.go", Line: 28},
		},
	}
	if diff := cmp.Diff(want, Parse(text)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// FuzzParse holds that nothing panics, that states have no bracket
func FuzzParse(f *testing.F) {
	f.Add("goroutine 1 [running]:\nmain.main()\n\t/src/main.go:9 +0x1d\n")
	f.Add("goroutine 1 gp=0x1 m=0 [running]:\ncreated by x in goroutine 7\n\t:\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, g := range Parse(text) {
			if strings.ContainsRune(g.State, ']') {
				t.Errorf("state %q", g.State)
			}
		}
		mustRead(t, text)
	})
}

// BenchmarkParse measures what a census of a large process costs beyond the dump itself.
func BenchmarkParse(b *testing.B) {
	var text strings.Builder
	const goroutines = 10_000
	for i := range goroutines {
		fmt.Fprintf(&text, `goroutine %d [chan receive, 2 minutes]:
example.com/app/pool.(*Pool).work(0xc000012345, {0x1, 0x2, 0x3})
	/src/app/pool/pool.go:12 +0x1d
example.com/app/pool.(*Pool).loop(0xc000012345)
	/src/app/pool/pool.go:%d +0x5d
example.com/app/pool.Start.func1(...)
	/src/app/pool/pool.go:30
created by example.com/app/pool.Start in goroutine 1
	/src/app/pool/pool.go:28 +0x5f

`, i+2, i%50+60)
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if n := len(Parse(text.String())); n != goroutines {
			b.Fatalf("%d goroutines", n)
		}
	}
}
