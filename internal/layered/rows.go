package layered

import (
	"cmp"
	"slices"
)

// sortRows orders the vertices of each row by the barycenter of their neighbours in
// the row before, down and up in turn, and keeps the best order.
func (d *drawing) sortRows() {
	best, fewest := d.copyRows(), d.crossings()
	for sweep := range sortSweeps {
		if fewest == 0 {
			break
		}
		for k := range d.rows {
			if sweep%2 == 0 {
				d.sortRow(k, func(v *vertex) []int { return v.up })
			} else {
				d.sortRow(len(d.rows)-1-k, func(v *vertex) []int { return v.down })
			}
		}
		if n := d.crossings(); n < fewest {
			best, fewest = d.copyRows(), n
		}
	}
	d.rows = best
	d.renumber()
}

func (d *drawing) sortRow(r int, neighbours func(*vertex) []int) {
	centre := make(map[int]float64, len(d.rows[r]))
	for _, v := range d.rows[r] {
		centre[v] = float64(d.vertices[v].place)
		if near := neighbours(&d.vertices[v]); len(near) > 0 {
			sum := 0
			for _, n := range near {
				sum += d.vertices[n].place
			}
			centre[v] = float64(sum) / float64(len(near))
		}
	}
	slices.SortStableFunc(d.rows[r], func(a, b int) int { return cmp.Compare(centre[a], centre[b]) })
	for i, v := range d.rows[r] {
		d.vertices[v].place = i
	}
}

func (d *drawing) copyRows() [][]int {
	rows := make([][]int, len(d.rows))
	for i := range rows {
		rows[i] = slices.Clone(d.rows[i])
	}
	return rows
}

func (d *drawing) renumber() {
	for _, row := range d.rows {
		for i, v := range row {
			d.vertices[v].place = i
		}
	}
}

// crossings counts the pairs of edge pieces that cross: those whose ends have
// opposite orders in two neighbouring rows.
func (d *drawing) crossings() int {
	n := 0
	for _, row := range d.rows {
		var ends []int // of the pieces so far, from left to right
		for _, v := range row {
			var places []int
			for _, to := range d.vertices[v].down {
				place := d.vertices[to].place
				places = append(places, place)
				for _, end := range ends {
					if end > place {
						n++
					}
				}
			}
			ends = append(ends, places...)
		}
	}
	return n
}
