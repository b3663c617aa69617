package patch

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"slices"
)

// edit replaces the bytes from one offset to another by a text.
type edit struct {
	from, to int
	text     string
}

func (f *sourceFile) insert(at token.Pos, text string) {
	offset := f.tok.Offset(at)
	f.edits = append(f.edits, edit{offset, offset, text})
}

func (f *sourceFile) replace(n ast.Node, text string) {
	f.edits = append(f.edits, edit{f.tok.Offset(n.Pos()), f.tok.Offset(n.End()), text})
}

// edited returns the text with all edits made; what is inserted at one place stands in
// the order of the operations. The new text has the lines of the old one.
func (f *sourceFile) edited() ([]byte, error) {
	edits := slices.Clone(f.edits)
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	var out bytes.Buffer
	done := 0
	for _, e := range edits {
		if e.from < done {
			return nil, fmt.Errorf("%s: operations overlap at %q", f.name, f.src[e.from:e.to])
		}
		out.Write(f.src[done:e.from])
		out.WriteString(e.text)
		done = e.to
	}
	out.Write(f.src[done:])
	return out.Bytes(), nil
}
