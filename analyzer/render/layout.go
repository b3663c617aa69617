package render

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// width is the column at which text is wrapped: two such windows fit side by side
// on a common screen.
const width = 100

// The marks of emphasis, from the private use area; see the package comment.
const (
	markEnd rune = 0xE000 + iota
	markStrong
	markFaint
	markError
	markWarning
	markInfo
	markLast
)

// escapes are the terminal's sequences for the marks (ECMA-48, SGR).
var escapes = map[rune]string{
	markEnd:     "\x1b[0m",
	markStrong:  "\x1b[1m",
	markFaint:   "\x1b[2m",
	markError:   "\x1b[1;31m",
	markWarning: "\x1b[1;33m",
	markInfo:    "\x1b[36m",
}

func mark(m rune, s string) string {
	if s == "" {
		return ""
	}
	return string(m) + s + string(markEnd)
}

func strong(s string) string { return mark(markStrong, s) }
func faint(s string) string  { return mark(markFaint, s) }

func isMark(r rune) bool { return r >= markEnd && r < markLast }

// columns is the number of columns that s takes, marks not counted. Every other
// rune counts as one: function names and units have no wide ones.
func columns(s string) int {
	n := utf8.RuneCountInString(s)
	for _, r := range s {
		if isMark(r) {
			n--
		}
	}
	return n
}

// paint turns marks into escape sequences, or drops them. Text from outside has neither
// marks nor control characters: Write has cleaned it.
func paint(s string, color bool) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case isMark(r):
			if color {
				b.WriteString(escapes[r])
			}
		case r == '\t':
			b.WriteString("    ")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// sourceLine is a line of code as finding.Printer shows it: never wrapped.
var sourceLine = regexp.MustCompile(`^ *[\x{E000}-\x{E006}]* *[0-9]+ \| `)

// wrap breaks each line of text that is too long between words; what follows a
// break is indented by two more than the line.
func wrap(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if columns(line) <= width || sourceLine.MatchString(line) {
			b.WriteString(line + "\n")
			continue
		}
		indent := len(line) - len(strings.TrimLeft(line, " "))
		b.WriteString(fill(line[indent:], indent, indent+2))
	}
	return b.String()
}

// fill sets the words of text from column first on, and from column hang on after
// a break.
func fill(text string, first, hang int) string {
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", first))
	at, empty := first, true
	text = quantity.ReplaceAllString(oneLine(text), "$1\u00a0$2")
	for word := range strings.SplitSeq(text, " ") {
		n := columns(word)
		if !empty && at+1+n > width {
			b.WriteString("\n" + strings.Repeat(" ", hang))
			at, empty = hang, true
		}
		if !empty {
			b.WriteByte(' ')
			at++
		}
		b.WriteString(strings.ReplaceAll(word, "\u00a0", " "))
		at += n
		empty = false
	}
	b.WriteByte('\n')
	return b.String()
}

// quantity is a number with its unit, which a break must not part.
var quantity = regexp.MustCompile(`(\d) (%|(?:[nµm]?s|[kMGT]?B)\b)`)

// oneLine keeps text from forging lines of its own.
func oneLine(text string) string { return strings.NewReplacer("\r\n", " ", "\n", " ").Replace(text) }

// table is rows of cells, set in columns two apart. Columns whose head starts
// with ">" are aligned to the right; the last is as long as it likes.
type table struct {
	head []string
	rows [][]string
}

func (t *table) add(cells ...string) {
	for i := range cells {
		cells[i] = oneLine(cells[i])
	}
	t.rows = append(t.rows, cells)
}

// write sets the table behind indent; the head is left out if all of it is empty.
func (t *table) write(b *strings.Builder, indent string) {
	widths := make([]int, len(t.head))
	heads := make([]string, len(t.head))
	for i, h := range t.head {
		heads[i] = strings.TrimPrefix(h, ">")
		widths[i] = columns(heads[i])
		for _, row := range t.rows {
			widths[i] = max(widths[i], columns(row[i]))
		}
	}
	if strings.Join(heads, "") != "" {
		for i := range heads {
			heads[i] = faint(heads[i])
		}
		b.WriteString(indent + t.row(heads, widths, indent) + "\n")
	}
	for _, row := range t.rows {
		b.WriteString(indent + t.row(row, widths, indent) + "\n")
	}
}

// row returns the cells in their widths, as they are to stand behind the indent.
func (t *table) row(cells []string, widths []int, indent string) string {
	var line strings.Builder
	at := 0
	for i, cell := range cells {
		pad := strings.Repeat(" ", widths[i]-columns(cell))
		switch {
		case i == len(cells)-1 && at+len(indent)+columns(cell) > width:
			hang := at + len(indent)
			cell = strings.TrimSpace(fill(cell, hang, hang))
		case strings.HasPrefix(t.head[i], ">"):
			cell = pad + cell
		default:
			cell += pad
		}
		line.WriteString(cell + "  ")
		at += widths[i] + 2
	}
	return strings.TrimRight(line.String(), " ")
}
