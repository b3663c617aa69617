package web

import (
	"cmp"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
)

const (
	// maxWaiters and maxHolders bound the rows and the columns: a page has no room for
	// more, and what is left out is shown as one sum.
	maxWaiters = 12
	maxHolders = 8
	// shades is the number of colours of a cell.
	shades = 6
)

// matrix shows which lines waited for which.
type matrix struct {
	Holders []side
	Rows    []matrixRow
	// Rest is what the pairs left out come to, "" if nothing.
	Rest string
}

// side is a place that waits or makes wait, with the sum of its row or column.
type side struct {
	Name  string
	Total string
	nanos float64
}

type matrixRow struct {
	side
	Cells []cell
}

// cell is what a waiter waited for a holder.
type cell struct {
	Text  string // "" for nothing
	Shade int    // 0 for nothing, up to shades
}

// noHolder stands for the time in which the next holder had no processor yet.
const noHolder = "none: the next one was woken and had no processor yet"

// newMatrix returns nil without pairs.
func newMatrix(pairs []finding.Pair) *matrix {
	type key struct{ waiter, holder string }
	cells := make(map[key]float64)
	waiters, holders := make(map[string]float64), make(map[string]float64)
	for _, p := range pairs {
		if p.Nanos <= 0 {
			continue
		}
		k := key{siteName(p.Waiter, "somewhere"), siteName(p.Blamed, noHolder)}
		nanos := float64(p.Nanos)
		cells[k] += nanos
		waiters[k.waiter] += nanos
		holders[k.holder] += nanos
	}
	if len(cells) == 0 {
		return nil
	}
	m := &matrix{Holders: greatest(holders, maxHolders)}
	most, whole, shown := 0.0, 0.0, 0.0
	for _, nanos := range cells {
		most = max(most, nanos)
		whole += nanos
	}
	for _, w := range greatest(waiters, maxWaiters) {
		row := matrixRow{side: w}
		for _, h := range m.Holders {
			nanos := cells[key{w.Name, h.Name}]
			shown += nanos
			c := cell{}
			if nanos > 0 {
				c = cell{span(nanos), 1 + min(int(nanos/most*shades), shades-1)}
			}
			row.Cells = append(row.Cells, c)
		}
		m.Rows = append(m.Rows, row)
	}
	if rest := whole - shown; rest >= 1 {
		m.Rest = span(rest)
	}
	return m
}

func siteName(s finding.Stack, unknown string) string {
	if frame := s.User(); !frame.IsZero() {
		return frame.String()
	}
	return unknown
}

// greatest are the sides with the largest sums, in that order, and so many at most.
func greatest(sums map[string]float64, most int) []side {
	var all []side
	for name, nanos := range sums {
		all = append(all, side{name, span(nanos), nanos})
	}
	slices.SortFunc(all, func(a, b side) int {
		return cmp.Or(cmp.Compare(b.nanos, a.nanos), cmp.Compare(a.Name, b.Name))
	})
	return all[:min(len(all), most)]
}
