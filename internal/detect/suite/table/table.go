// Package table reads and writes docs/scenarios.md: one list of scenarios and one column of
// truth, with a column for each witness. Each suite runs the scenarios and holds its own
// columns; it leaves those of the others as they are.
//
// Only tests use the package.
package table

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// File is docs/scenarios.md, as seen from the directory of a suite.
const File = "../../../docs/scenarios.md"

// Column is a column after the truth.
type Column int

// The columns.
const (
	Agent Column = iota
	ZeroTouch
	GoDeadlock
	columns
)

// Row is one scenario with one kind of lock.
type Row struct {
	Name, Kind, Truth string
	Cells             [columns]string
}

// Table is the file.
type Table struct {
	Rows []Row
	tail string // what follows the rows
}

// Read reads the file.
func Read(name string) (*Table, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	_, rest, found := strings.Cut(string(text), head)
	if !found {
		rest = ""
	}
	t := new(Table)
	for line := range strings.Lines(rest) {
		cells := strings.Split(strings.TrimSuffix(strings.TrimPrefix(line, "| "), " |\n"), " | ")
		if len(cells) != 3+int(columns) {
			break
		}
		t.Rows = append(t.Rows, Row{cells[0], cells[1], cells[2], [columns]string(cells[3:])})
		rest = rest[len(line):]
	}
	t.tail = rest
	return t, nil
}

// Cell returns what the file says of a scenario, "" for one that it does not have.
func (t *Table) Cell(name, kind string, c Column) string {
	if r := t.find(name, kind); r != nil {
		return r.Cells[c]
	}
	return ""
}

func (t *Table) find(name, kind string) *Row {
	i := slices.IndexFunc(t.Rows, func(r Row) bool { return r.Name == name && r.Kind == kind })
	if i < 0 {
		return nil
	}
	return &t.Rows[i]
}

// With returns the table of these rows: the cells of the columns are theirs, the others
// stay as they are.
func (t *Table) With(rows []Row, own ...Column) *Table {
	next := &Table{tail: t.tail}
	for _, r := range rows {
		if old := t.find(r.Name, r.Kind); old != nil {
			for c := range columns {
				if !slices.Contains(own, c) {
					r.Cells[c] = old.Cells[c]
				}
			}
		}
		next.Rows = append(next.Rows, r)
	}
	return next
}

// WithTail returns the table with another text after the rows.
func (t *Table) WithTail(text string) *Table { return &Table{t.Rows, text} }

// String returns the text of the file.
func (t *Table) String() string {
	var b strings.Builder
	b.WriteString(head)
	for _, r := range t.Rows {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.Name, r.Kind, r.Truth, strings.Join(r.Cells[:], " | "))
	}
	b.WriteString(t.tail)
	return b.String()
}

// Write writes the file.
func (t *Table) Write(name string) error { return os.WriteFile(name, []byte(t.String()), 0o644) }

const head = `# Scenarios

Every program below runs in a process of its own, three times: with the types of package agent; under zero touch, on package
sync itself with plain go statements and channels; and with [go-deadlock](https://github.com/sasha-s/go-deadlock) v0.3.9, which
sees Mutex and RWMutex only. go-deadlock's time-out for a wait is set to one second, the agent's default, instead of its own 30
seconds; the slow critical section of two seconds stands for one that is longer than 30.

A *miss* reports nothing about a program that hangs or can hang. A *false alarm* reports something about a harmless one; under
zero touch, something at ` + "`potential`" + ` or above.

One court judges what the agent and zero touch see. They differ where their facts do:

- The agent sees each request for a lock and each message. A tape has the first request of each kind, and some message comes
  between nearly any two of them: zero touch takes go statements, wait groups and the order of tests for orders, and a channel
  that a goroutine closes before it ends, but no other message. A cycle that an order keeps apart is ` + "`suspected`" + ` there, and the agent
  is silent. A false alarm costs a look at two places, which the finding names; a miss costs the hang.
- The agent knows what the program declares (Forget, Nested) and which wait group's Go has started a goroutine.
- Zero touch asks the garbage collector of Go 1.26 and later about goroutines that hang: hence ` + "`proven`" + `.

Tests write and check this file:

` + "```text\ngo test ./internal/detect/suite -update\ngo test ./internal/zerotouch/suite -update\n```" + `

| scenario | lock | truth | agent | zero touch | go-deadlock |
| --- | --- | --- | --- | --- | --- |
`
