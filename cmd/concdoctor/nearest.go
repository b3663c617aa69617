package main

import (
	"cmp"
	"slices"
	"strings"
)

// maxNearest is how many names a question "did you mean" may hold.
const maxNearest = 3

// nearest returns the names that a misspelt word may have meant, best first: those
// that contain it, and those within a third of its letters of edit distance.
func nearest(word string, names []string) []string {
	type candidate struct {
		name     string
		distance int
	}
	var near []candidate
	word = strings.ToLower(word)
	for _, name := range names {
		d := distance(word, name)
		if len(word) >= 3 && strings.Contains(name, word) {
			d = 1
		}
		if d <= max(1, len(word)/3) {
			near = append(near, candidate{name, d})
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	var best []string
	for _, c := range near[:min(len(near), maxNearest)] {
		best = append(best, c.name)
	}
	return best
}

// distance is the number of letters to insert, remove or replace between a and b
// (Levenshtein 1965), row by row.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
