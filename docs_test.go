package concdoctor_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The documents are tested as programs are. A fenced block in the language
//
//	sh    is run line by line in a copy of the checkout
//	go    is built and, if a block of output follows, run
//	yaml  is a workflow: what its steps run is run too
//
// A comment on the line before a block says more:
//
//	<!-- in: shop -->                       run it in a copy of testdata/examples/shop
//	<!-- in: a module of your own -->       run it in a new module
//	<!-- not run: REASON -->                check the names and flags in it only
//	<!-- output -->                         an excerpt of what the block before it printed
//
// A command may end in a comment "# exit status 3", or "0 or 3"; without one the status
// is 0. A line of an excerpt that is "…" stands for lines left out. With -update
// excerpts take the text that was printed.

// block is a fenced block of a document.
type block struct {
	doc      string
	line     int // of the opening fence
	language string
	text     string
	where    string // value of the comment "in:"
	notRun   string // value of the comment "not run:"
	output   bool
	indent   string
}

// documents returns the files of Markdown that people read first.
func documents(t *testing.T) []string {
	t.Helper()
	docs, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	return slices.Concat([]string{"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "testdata/README.md"}, docs)
}

func readDocument(t *testing.T, doc string) string {
	t.Helper()
	text, err := os.ReadFile(doc)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	fence   = regexp.MustCompile("^( *)```([a-z]*)$")
	comment = regexp.MustCompile("^ *<!-- (?:(in|not run): )?(.*) -->$")
)

// blocks returns the fenced blocks of a document.
func blocks(t *testing.T, doc string) (all []block) {
	t.Helper()
	var open *block
	var said block // by comments, for the next block
	for i, line := range strings.Split(readDocument(t, doc), "\n") {
		switch f := fence.FindStringSubmatch(line); {
		case f != nil && open == nil:
			said.doc, said.line, said.indent, said.language = doc, i+1, f[1], f[2]
			open = &said
		case f != nil:
			all = append(all, *open)
			open, said = nil, block{}
		case open != nil:
			open.text += strings.TrimPrefix(line, open.indent) + "\n"
		case strings.TrimSpace(line) != "":
			said = readComment(line)
		}
	}
	if open != nil {
		t.Errorf("%s:%d: the block is not closed", doc, open.line)
	}
	return all
}

// readComment reads what a line says of the block after it, if it is a comment.
func readComment(line string) (said block) {
	switch c := comment.FindStringSubmatch(line); {
	case c == nil:
	case c[1] == "in":
		said.where = c[2]
	case c[1] == "not run":
		said.notRun = c[2]
	case c[2] == "output":
		said.output = true
	}
	return said
}

// command is a line of a block of commands.
type command struct {
	text     string
	statuses []int // of which it must exit with one
}

var exitStatus = regexp.MustCompile(`# exit status (\d)(?: or (\d))?`)

// commands returns the lines of a block, without comments.
func (b block) commands() (all []command) {
	for line := range strings.Lines(b.text) {
		text, _, _ := strings.Cut(line, " #")
		if text = strings.TrimSpace(text); text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		c := command{text: text, statuses: []int{0}}
		if said := exitStatus.FindStringSubmatch(line); said != nil {
			c.statuses = nil
			for _, digit := range said[1:] {
				if status, err := strconv.Atoi(digit); err == nil {
					c.statuses = append(c.statuses, status)
				}
			}
		}
		all = append(all, c)
	}
	return all
}

// volatile is what differs between two runs of the same program.
var volatile = []struct {
	pattern *regexp.Regexp
	as      string
}{
	{regexp.MustCompile(`0x[0-9a-f]+`), "0x0"},
	{regexp.MustCompile(`goroutine \d+`), "goroutine 0"},
	{regexp.MustCompile(`\d+-\d+\.tape`), "0-0.tape"},
	{regexp.MustCompile(`[\d,.]+ (ns|µs|ms|s|B|kB|MB|events|runs)\b`), "0 $1"},
	{regexp.MustCompile(` +`), " "},
}

func steady(line string) string {
	for _, v := range volatile {
		line = v.pattern.ReplaceAllString(line, v.as)
	}
	return strings.TrimSpace(line)
}

// leftOut is a line of an excerpt that stands for lines of the output.
const leftOut = "…"

// excerpt compares an excerpt with the output. It returns the excerpt in the words of
// the output, and whether there is nothing to change in it.
func excerpt(shown, output string) (updated string, same bool) {
	out := strings.Split(strings.TrimRight(output, "\n"), "\n")
	var parts []string
	same = true
	for part := range strings.SplitSeq("\n"+shown, "\n"+leftOut+"\n") {
		want := strings.Split(strings.Trim(part, "\n"), "\n")
		got := passage(want, out)
		if got == nil {
			return "", false
		}
		same = same && slices.EqualFunc(want, got, sameLine)
		parts = append(parts, strings.Join(got, "\n"))
		out = out[slices.Index(out, got[len(got)-1])+1:]
	}
	return strings.Join(parts, "\n"+leftOut+"\n") + "\n", same
}

// passage returns the lines of the output that the wanted ones are an excerpt of. Where
// they differ it goes from the line that begins as the first wanted line does to the item
// that begins as the last wanted item does, with the lines that are indented below it.
func passage(want, out []string) []string {
	begins := func(like string) func(string) bool {
		return func(line string) bool { return beginning(line) == beginning(like) }
	}
	from := slices.IndexFunc(out, begins(want[0]))
	if from < 0 {
		return nil
	}
	if to := from + len(want); to <= len(out) && slices.EqualFunc(want, out[from:to], sameLine) {
		return out[from:to]
	}
	last := lastItem(want)
	to := from
	if last > 0 {
		rest := slices.IndexFunc(out[from+1:], begins(want[last]))
		if rest < 0 {
			return nil
		}
		to += 1 + rest
	}
	end := to + 1
	for last < len(want)-1 && end < len(out) && indentation(out[end]) > indentation(out[to]) {
		end++
	}
	return out[from:end]
}

// lastItem returns the index of the line that the last lines continue, if they are
// indented below one.
func lastItem(lines []string) int {
	last := len(lines) - 1
	head := last
	for head > 0 && indentation(lines[head]) == indentation(lines[last]) {
		head--
	}
	if indentation(lines[head]) < indentation(lines[last]) {
		return head
	}
	return last
}

func sameLine(a, b string) bool { return steady(a) == steady(b) }

func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// beginning returns the indentation and the first two words of a line, or the label that
// it begins with.
func beginning(line string) string {
	words := strings.Fields(steady(line))
	if len(words) > 0 && strings.HasSuffix(words[0], ":") {
		words = words[:1]
	}
	return strconv.Itoa(indentation(line)) + " " + strings.Join(words[:min(2, len(words))], " ")
}

func TestExcerpt(t *testing.T) {
	const output = "ok x 0.1s\nfindings\n  1 a\n    goroutine 7 waits 3.2 ms\n    at 0x12\n  fix: that\n    or this\n  more: x\n"
	const wait = "  1 a\n    goroutine 7 waits 3.2 ms\n"
	for _, test := range []struct {
		name, shown, want string
		same              bool
	}{
		{"all the same but what is volatile", "  1 a\n    goroutine 8 waits 1 ms\n", wait, true},
		{"lines left out", "findings\n…\n  more: x\n", "findings\n…\n  more: x\n", true},
		{"other words", "  1 b\n    goroutine 7 waits 3.2 ms\n", "", false},
		{"other words after the second", "  1 a\n    goroutine 7 sleeps\n", wait + "    at 0x12\n", false},
		{"a line too few", "  1 a\n    at 0x12\n  fix: that\n    or this\n", wait + "    at 0x12\n  fix: that\n    or this\n", false},
		{"other lines below the last item", "  fix: that\n    or that\n    or more\n", "  fix: that\n    or this\n", false},
		{"not there", "summary\n", "", false},
		{"in another order", "  fix: that\n…\nfindings\n", "", false},
	} {
		got, same := excerpt(test.shown, output)
		if got != test.want || same != test.same {
			t.Errorf("%s: %q, %t; want %q, %t", test.name, got, same, test.want, test.same)
		}
	}
}

func TestBlocks(t *testing.T) {
	doc := filepath.Join(t.TempDir(), "doc.md")
	text := "# Title\n\n<!-- in: shop -->\n\n```sh\nfirst   # exit status 0 or 3: why\n# a comment\nsecond\n```\n\n- item\n  <!-- output -->\n  ```text\n  shown\n  ```\n"
	if err := os.WriteFile(doc, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	got := blocks(t, doc)
	want := []block{
		{doc: doc, line: 5, language: "sh", where: "shop", text: "first   # exit status 0 or 3: why\n# a comment\nsecond\n"},
		{doc: doc, line: 13, language: "text", output: true, indent: "  ", text: "shown\n"},
	}
	if !slices.Equal(got, want) {
		t.Fatalf("blocks = %+v, want %+v", got, want)
	}
	all := got[0].commands()
	if len(all) != 2 || all[0].text != "first" || !slices.Equal(all[0].statuses, []int{0, 3}) || all[1].text != "second" || !slices.Equal(all[1].statuses, []int{0}) {
		t.Errorf("commands = %+v", all)
	}
}
