package untrusted

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"":                           "",
		"main.(*Pool).Get pool.go:5": "main.(*Pool).Get pool.go:5",
		"two\nlines\tand a tab":      "two\nlines\tand a tab",
		"Grüße, 世界, 👩\u200d💻":        "Grüße, 世界, 👩\u200d💻",
		"\x1b[31mred":                "\ufffd[31mred",
		"\u009b31mred":               "\ufffd31mred",
		"\x9b31mred":                 "\ufffd31mred",
		"a\u202egnp.exe":             "a\ufffdgnp.exe",
		"from Windows\r\nand \rback": "from Windows\nand \ufffdback",
		"\x00\x7f\u2028\ufeff\ue000\U000e0041\ufffe": "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd",
		"half a rune \xe4\xb8":                       "half a rune \ufffd\ufffd",
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
	if got := Line("a\n\tb\x1b"); got != "a  b\ufffd" {
		t.Errorf("Line: %q", got)
	}
}

func TestJSON(t *testing.T) {
	const hostile = "\x1b \u009b \u202e \ue000 \U000e0041 é 世"
	text, err := json.MarshalIndent(map[string]string{hostile: hostile}, "\r", "\t")
	if err != nil {
		t.Fatal(err)
	}
	escaped := JSON(text)
	if !isClean(strings.ReplaceAll(string(escaped), "\r", "")) || !strings.Contains(string(escaped), "é 世") {
		t.Errorf("%q", escaped)
	}
	var back map[string]string
	if err := json.Unmarshal(escaped, &back); err != nil || back[hostile] != hostile {
		t.Errorf("%q, %v", back, err)
	}
	if same := []byte(`{"a": 1}`); &JSON(same)[0] != &same[0] {
		t.Error("clean JSON was copied")
	}
}

type node struct {
	Name  string
	Next  *node
	Names []string
	By    map[string]any
	When  time.Time
	Size  []int
	own   string
}

func TestClean(t *testing.T) {
	now := time.Now()
	dirty := &node{
		Name: "a\x1b", Next: &node{Name: "b", Names: []string{"c\u202e", "d"}},
		By: map[string]any{"k\x9b": "v\x07", "n": 1, "none": nil}, When: now, Size: []int{1, 2},
	}
	got := Clean(dirty)
	want := &node{
		Name: "a\ufffd", Next: &node{Name: "b", Names: []string{"c\ufffd", "d"}},
		By: map[string]any{"k\ufffd": "v\ufffd", "n": 1, "none": nil}, When: now, Size: []int{1, 2},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(node{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if dirty.Name != "a\x1b" || dirty.Next.Names[0] != "c\u202e" {
		t.Error("the value itself was changed")
	}
	if again := Clean(got); again != got {
		t.Error("a clean value was copied")
	}
	if kept := Clean(node{Name: "\x1b", own: "\x1b"}); kept.own != "\x1b" {
		t.Errorf("a field that is not exported became %q", kept.own)
	}
}

func FuzzText(f *testing.F) {
	f.Add("a\x1b[31m\u202e\x9b\r\n")
	f.Fuzz(func(t *testing.T, s string) {
		got := Text(s)
		if !utf8.ValidString(got) || !isClean(got) || Text(got) != got {
			t.Errorf("Text(%q) = %q", s, got)
		}
	})
}
