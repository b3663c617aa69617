package browser

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// quiet keeps the failures that a bad page must cause from failing this test.
type quiet struct{ testing.TB }

func (q quiet) Error(...any) {}

func TestPage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.html")
	text := `<!doctype html><title>x</title><link rel=icon href="data:,"><p id=out>before</p>
<button onclick="out.textContent = 'clicked'">b</button><input oninput="out.textContent = this.value">
<button id=bad onclick="console.error('no'); fetch('http://localhost:1/x'); undefined.x">c</button>`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := Open(quiet{t}, "file://"+file)
	if got := p.Text("#out"); got != "before" {
		t.Errorf("text %q", got)
	}
	p.Click("button")
	p.Wait(`out.textContent == "clicked"`)
	p.Type("input", "abc")
	p.Wait(`out.textContent == "abc"`)
	p.Resize(320, 480)
	if width := Eval[int](p, "innerWidth"); width != 320 {
		t.Errorf("width %d", width)
	}
	p.Prefer("prefers-color-scheme", "dark")
	if !Eval[bool](p, `matchMedia("(prefers-color-scheme: dark)").matches`) {
		t.Error("not dark")
	}
	if got := p.Problems(); len(got) != 0 {
		t.Errorf("problems before there are any: %q", got)
	}
	p.Click("#bad")
	p.Wait("true")
	got := strings.Join(p.Problems(), "\n")
	for _, want := range []string{"prints an error", "asks for http://localhost:1/x", "TypeError"} {
		if !strings.Contains(got, want) {
			t.Errorf("problems lack %q:\n%s", want, got)
		}
	}
	p.Scripts(false)
	p.Click("button")
	if got := p.Text("#out"); got != "before" {
		t.Errorf("without scripts a click gave %q", got)
	}
}
