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

Each program below runs in a process of its own, once per column:

- *agent*: on the types of package agent.
- *zero touch*: on package sync itself, with plain go statements and channels.
- *go-deadlock*: on [go-deadlock](https://github.com/sasha-s/go-deadlock) v0.3.9, which sees Mutex and RWMutex only. Its time-out for
  a wait is one second here, the agent's default, instead of 30 seconds, which keeps the test short; a slow critical section of
  two seconds stands for one that is longer than 30.

A *miss* is silence about a program that hangs or can hang. A *false alarm* is a finding about a harmless program; under zero touch, a
warning or an error at ` + "`potential`" + ` or above.

The same code judges what the agent and zero touch see. Their columns differ where their facts differ:

- The agent sees every request for a lock and every message. A tape has the first request of each kind, and a few more of a goroutine
  that has sent a message, closed a channel or called Done in between. A cycle that contradicts an order is ` + "`suspected`" + ` under zero
  touch; the agent is silent about it.
- Orders under zero touch are those that hold in every run: go statements, also through goroutines that have ended; time.AfterFunc and
  context.AfterFunc; wait groups; closed channels; and messages that must have arrived. If only one goroutine sends on a channel, the
  n-th message that another one receives is the n-th or a later one; if several send, the receiver must have received all messages. A
  receive in a select is no order, as another case may be chosen. A lock also has an order where a message leads to it and its sender
  does not request it again: the receiver is the new owner.
- A test that sends, closes or receives often does so to run in sequence what the program does at any time. Under zero touch that is an
  order only between requests that the test's own code makes.
- The agent knows the annotations of the program (Forget, Nested) and which goroutines WaitGroup.Go started. Functions that are called later
  are given to its AfterFunc and ContextAfterFunc; it does not see those of packages time and context.
- Zero touch asks the garbage collector of Go 1.26 and later about goroutines that hang: hence ` + "`proven`" + `.

Goroutine dumps have no column. The programs acquire their locks through interfaces, so that one source serves all kinds of lock, and a dump
does not show the arguments of such calls: for each program that hangs, the report lists the blocked goroutines and no rule applies.
[hangs.md](hangs.md) has dumps of programs as people write them.

Two tests check this file, and write it with -update:

` + "```text\ngo test ./internal/detect/suite -update\ngo test ./internal/zerotouch/suite -update\n```" + `

| scenario | lock | truth | agent | zero touch | go-deadlock |
| --- | --- | --- | --- | --- | --- |
`
