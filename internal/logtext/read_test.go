package logtext

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func read(t *testing.T, text string) []string {
	t.Helper()
	var got []string
	if _, err := Read(strings.NewReader(text), func(l Line) {
		got = append(got, fmt.Sprintf("%d %s|%s", l.Number, l.Stream, l.Text))
	}); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestRead(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", nil},
		{"lines", "a\n\nb", []string{"1 |a", "2 |", "3 |b"}},
		{"line ends of Windows", "a\r\nb\r\n", []string{"1 |a", "2 |b"}},
		{"a line in parts", `{"Action":"output","Package":"p","Output":"a"}` + "\n" + `{"Action":"output","Package":"q","Output":"x\n"}` + "\n" +
			`{"Action":"output","Package":"p","Output":"b\nc"}`, []string{"2 q|x", "3 p|ab", "3 p|c"}},
		{"container", `{"log":"a\n","stream":"stderr"}`, []string{"1 |a"}},
		{"event without output", `{"Action":"run","Package":"p","Test":"T"}`, []string{"1 |run", "1 |p", "1 |T"}},
		{"stack in a field", `{"level":"error","stack":"goroutine 1 [running]:\nmain.f()"}`,
			[]string{"1 |error", "1 |goroutine 1 [running]:", "1 |main.f()"}},
		{"no JSON", "{\nx", []string{"1 |{", "2 |x"}},
		{"a long line", strings.Repeat("x", 3*maxLine) + "\nb", []string{"1 |" + strings.Repeat("x", maxLine), "2 |b"}},
		{"a long line of JSON", `{"x":"` + strings.Repeat("y\\n", maxLine) + `z"}`,
			append(slices.Repeat([]string{"1 |y"}, maxLine), "1 |z")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, read(t, tt.text)); diff != "" {
				t.Errorf("lines (-want +got):\n%.1000s", diff)
			}
		})
	}
}

func TestReadManyStreams(t *testing.T) {
	var b strings.Builder
	for i := range 2 * maxStreams {
		fmt.Fprintf(&b, "{\"Package\":\"p%d\",\"Output\":\"a\\n\"}\n", i)
	}
	streams := make(map[string]bool)
	if _, err := Read(strings.NewReader(b.String()), func(l Line) { streams[l.Stream] = true }); err != nil {
		t.Fatal(err)
	}
	if n := len(streams); n > maxStreams+1 {
		t.Errorf("%d streams", n)
	}
}

func TestReadError(t *testing.T) {
	broken := errors.New("the wire broke")
	lines, err := Read(io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(broken)), func(Line) {})
	if !errors.Is(err, broken) || lines != 2 {
		t.Errorf("%d lines, error %v", lines, err)
	}
}
