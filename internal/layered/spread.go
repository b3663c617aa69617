package layered

// spread gives every vertex its x: first side by side, then so that edges become short,
// row by row, down and up in turn. What is made small is the sum of the squares of the
// edges' horizontal lengths, each with its weight.
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
	for sweep := range moveSweeps {
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
	return (d.vertices[a].Width+d.vertices[b].Width)/2 + d.style.NodeGap
}

// block is neighbours of a row that lie as close as they may, because they pull towards
// each other: the mean of where they want to be is where the first of the row would be.
type block struct {
	sum, weight float64
	size        int
}

func (b block) mean() float64 { return b.sum / b.weight }

// pull moves a row to where its neighbours want it, as far as it has room: it finds the
// best places by pooling adjacent violators (Ayer et al.: An Empirical Distribution
// Function for Sampling with Incomplete Information, Annals of Math. Statistics 26, 1955).
func (d *drawing) pull(row []int) {
	offsets := make([]float64, len(row)) // from the first, side by side
	var blocks []block
	for i, v := range row {
		if i > 0 {
			offsets[i] = offsets[i-1] + d.distance(row[i-1], v)
		}
		want, weight := d.wanted(v)
		b := block{(want - offsets[i]) * weight, weight, 1}
		for n := len(blocks); n > 0 && blocks[n-1].mean() > b.mean(); n-- {
			last := blocks[n-1]
			b = block{b.sum + last.sum, b.weight + last.weight, b.size + last.size}
			blocks = blocks[:n-1]
		}
		blocks = append(blocks, b)
	}
	i := 0
	for _, b := range blocks {
		for range b.size {
			d.vertices[row[i]].x = b.mean() + offsets[i]
			i++
		}
	}
}

// wanted is the middle of a vertex's neighbours, and how much they pull.
func (d *drawing) wanted(v int) (at, weight float64) {
	sum := 0.0
	add := func(near []int, w float64) {
		for _, n := range near {
			sum += d.vertices[n].x * w
			weight += w
		}
	}
	add(d.vertices[v].up, 1)
	add(d.vertices[v].down, 1)
	add(d.vertices[v].light, backPull-1)
	if weight == 0 {
		return d.vertices[v].x, backPull
	}
	return sum / weight, weight
}

// backPull is the weight of an edge that closes a cycle, of 1, where it begins and ends:
// the way that it leads back along is to be straight.
const backPull = 0.05
