package render

import (
	"math"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer/render/internal/figures"
)

// Charts says with what characters text draws.
type Charts uint8

// The ways to draw.
const (
	NoCharts Charts = iota
	// ASCIICharts draw with what every terminal has.
	ASCIICharts
	// BlockCharts draw with Unicode's block elements.
	BlockCharts
)

const (
	// chartColumns and barColumns are the widths of charts.
	chartColumns = 60
	barColumns   = 40
	// maxBars keeps a histogram a remark beside the finding.
	maxBars = 8
	// maxSeries bounds the lines about one thing.
	maxSeries = 4
)

// The characters of a chart from the least to the most; nothing is a space.
var (
	asciiLevels = []rune(".:-=+*#@")
	blockLevels = []rune("▁▂▃▄▅▆▇█")
	blockEnds   = []rune("▏▎▍▌▋▊▉█")
)

// spark draws values in one line of columns characters, the greatest as high as a
// character is.
func (c Charts) spark(values []float64, columns int) string {
	levels := asciiLevels
	if c == BlockCharts {
		levels = blockLevels
	}
	values = resample(values, columns)
	most := 0.0
	for _, v := range values {
		most = max(most, v)
	}
	var b strings.Builder
	for _, v := range values {
		if !(v > 0) {
			b.WriteByte(' ')
			continue
		}
		b.WriteRune(levels[min(int(v/most*float64(len(levels))), len(levels)-1)])
	}
	return b.String()
}

// resample returns the means of columns equal parts; a part shorter than a value has
// that value. What is no finite number counts as nothing.
func resample(values []float64, columns int) []float64 {
	if len(values) == 0 {
		return nil
	}
	out := make([]float64, columns)
	for i := range out {
		from := i * len(values) / columns
		to := max(from+1, (i+1)*len(values)/columns)
		for _, v := range values[from:to] {
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				out[i] += v / float64(to-from)
			}
		}
	}
	return out
}

// bar draws a share of columns characters. What is there at all shows.
func (c Charts) bar(share float64, columns int) string {
	if !(share > 0) {
		return ""
	}
	length := min(share, 1) * float64(columns)
	whole := int(length)
	if c != BlockCharts {
		return strings.Repeat("#", max(whole, 1))
	}
	bar := strings.Repeat("█", whole)
	if part := int((length - float64(whole)) * float64(len(blockEnds))); part > 0 || whole == 0 {
		bar += string(blockEnds[max(part-1, 0)])
	}
	return bar
}

// series writes a line for each of the first few that are not nothing, under one another, with the time
// below them: until the end of the trace, if that is known.
func (p *page) series(all []finding.Series, end int64, indent string) {
	if p.opts.Charts == NoCharts {
		return
	}
	t := table{head: []string{"", "", ">"}}
	var before int
	var length int64
	for _, s := range all[:min(len(all), maxSeries)] {
		if figures.Greatest(s.Values) == 0 || s.StepNanos <= 0 {
			continue
		}
		t.add(s.Name, p.opts.Charts.frame(p.opts.Charts.spark(s.Values, chartColumns)), "to "+figures.Amount(s.Unit, figures.Greatest(s.Values)))
		before = max(before, columns(s.Name))
		length = max(length, s.StepNanos*int64(len(s.Values)))
	}
	if len(t.rows) == 0 {
		return
	}
	t.write(&p.b, indent)
	if end > 0 {
		length = min(length, end)
	}
	last := finding.FormatDuration(length)
	p.b.WriteString(indent + strings.Repeat(" ", before+3) + faint("0"+strings.Repeat(" ", max(1, chartColumns-1-columns(last)))+last) + "\n")
}

// frame shows where an empty chart begins and ends.
func (c Charts) frame(line string) string {
	if c == BlockCharts {
		return "▕" + line + "▏"
	}
	return "|" + line + "|"
}

// histogram writes a bar for each range of durations.
func (p *page) histogram(h finding.Histogram, indent string) {
	bars := figures.Bars(h, maxBars)
	if p.opts.Charts == NoCharts || len(bars) == 0 {
		return
	}
	var most, sum int64
	for _, b := range bars {
		most, sum = max(most, b.Count), sum+b.Count
	}
	p.b.WriteString(indent + faint(h.Name+" by length, "+finding.Thousands(sum)+" in total") + "\n")
	t := table{head: []string{">", ">", ">", ""}}
	for _, b := range bars {
		t.add(finding.FormatDuration(b.From), "to "+finding.FormatDuration(b.To), finding.Thousands(b.Count), p.opts.Charts.bar(float64(b.Count)/float64(most), barColumns))
	}
	t.write(&p.b, indent+"  ")
}
