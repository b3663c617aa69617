package layered

import (
	"cmp"
	"slices"
)

// sortRows orders the vertices of each row by the barycenter of their neighbours in
// the row before, down and up in turn, and keeps the best order.
func (d *drawing) sortRows() {
	best, fewest := d.copyRows(), d.crossings()
	for sweep := range sweeps {
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

// spread gives every vertex its x: first side by side, then closer to the middle of
// its neighbours wherever its row has room.
func (d *drawing) spread() {
	for _, row := range d.rows {
		x := 0.0
		for i, v := range row {
			if i > 0 {
				x += d.distance(row[i-1], v)
			}
			d.vertices[v].x = x
		}
	}
	for sweep := range sweeps {
		for k := range d.rows {
			row := d.rows[k]
			if sweep%2 == 1 {
				row = d.rows[len(d.rows)-1-k]
			}
			d.pull(row)
		}
	}
}

// distance is how far apart two neighbours of a row are at least.
func (d *drawing) distance(a, b int) float64 {
	return (d.vertices[a].Width+d.vertices[b].Width)/2 + nodeGap
}

// pull moves a row towards its neighbours. Pushed apart from the left, vertices come to
// lie too far right, and from the right too far left; the mean of both is fair, and
// keeps the distances, since each of the two does.
func (d *drawing) pull(row []int) {
	want := make([]float64, len(row))
	for i, v := range row {
		want[i] = d.wanted(v)
	}
	right, left := slices.Clone(want), slices.Clone(want)
	for i := 1; i < len(row); i++ {
		right[i] = max(right[i], right[i-1]+d.distance(row[i-1], row[i]))
	}
	for i := len(row) - 2; i >= 0; i-- {
		left[i] = min(left[i], left[i+1]-d.distance(row[i], row[i+1]))
	}
	for i, v := range row {
		d.vertices[v].x = (right[i] + left[i]) / 2
	}
}

func (d *drawing) wanted(v int) float64 {
	near := slices.Concat(d.vertices[v].up, d.vertices[v].down)
	if len(near) == 0 {
		return d.vertices[v].x
	}
	sum := 0.0
	for _, n := range near {
		sum += d.vertices[n].x
	}
	return sum / float64(len(near))
}
