package web

import (
	"math"
	"strconv"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer/render/internal/figures"
)

// plotHeight is the height of a plot's own coordinates; its width is the number of
// values.
const plotHeight = 100

// plot is a quantity over time.
type plot struct {
	Name      string
	Mean, Max string // Mean is "" where it would be that of extremes
	Unit      finding.Unit
	Top       string // what the upper edge stands for
	Area      string // an SVG path
	Width     int
	Limit     string // the height of a line at a bound, "" without one
	LimitText string
	Values    string // for the script, separated by spaces
	StepNanos int64
	End       string
	Class     string // the series' colour
}

// classes give what is known a colour of its own.
var classes = map[string]string{
	"running": "run", "ready": "ready", "waiting for locks": "lock", "in flight": "flight", "waiting": "lock",
	"waiting for goroutines": "sync", "waiting for the outside world": "io",
	"longest iteration": "lock", "iterations": "flight", "busy": "run",
}

// newPlot draws a series; limit is a bound to draw a line at, and length what the
// series covers, either 0 for unknown.
func newPlot(s finding.Series, limit int, length int64) (plot, bool) {
	if len(s.Values) == 0 || s.StepNanos <= 0 {
		return plot{}, false
	}
	top := max(figures.Greatest(s.Values), float64(limit))
	if top == 0 {
		top = 1
	}
	height := func(v float64) string {
		if !(v > 0) || math.IsInf(v, 0) {
			v = 0
		}
		return decimal(plotHeight * (1 - min(v/top, 1)))
	}
	var path, values strings.Builder
	path.WriteString("M0 " + decimal(plotHeight))
	sum := 0.0
	for i, v := range s.Values {
		path.WriteString("V" + height(v) + "H" + strconv.Itoa(i+1))
		values.WriteString(strconv.FormatFloat(v, 'g', 5, 64) + " ")
		sum += v
	}
	path.WriteString("V" + decimal(plotHeight) + "Z")
	if steps := s.StepNanos * int64(len(s.Values)); length <= 0 || length > steps {
		length = steps
	}
	p := plot{
		Name: s.Name, Mean: figures.Amount(s.Unit, sum/float64(len(s.Values))), Max: figures.Amount(s.Unit, figures.Greatest(s.Values)),
		Top: figures.Amount(s.Unit, top), Area: path.String(), Width: len(s.Values), Values: strings.TrimSpace(values.String()),
		StepNanos: s.StepNanos, End: finding.FormatDuration(length), Class: classes[s.Name], Unit: s.Unit,
	}
	if s.Unit == finding.Nanos {
		p.Mean = ""
	}
	if p.Class == "" {
		p.Class = "other"
	}
	if limit > 0 {
		p.Limit, p.LimitText = height(float64(limit)), finding.Plural(limit, "processor")
	}
	return p, true
}

// spread is how durations are distributed.
type spread struct {
	Name  string
	Total int64
	Bars  []spreadBar
}

// spreadBar is one range of durations; places are in percent of the picture.
type spreadBar struct {
	figures.Bar
	X, Y, W, H string
	Middle     string
	Label      string // below the bar, "" for most where there are many
	Crowded    bool   // no room for the count above it
}

const (
	// maxSpreadBars is what fits a phone's screen.
	maxSpreadBars = 30
	// spreadLabels is about how many labels fit below.
	spreadLabels = 7
	fewBars      = 12
)

func newSpread(h finding.Histogram) (spread, bool) {
	bars := figures.Bars(h, maxSpreadBars)
	s := spread{Name: h.Name}
	var most int64
	for _, b := range bars {
		most = max(most, b.Count)
		s.Total += b.Count
	}
	each := max(1, (len(bars)+spreadLabels-1)/spreadLabels)
	for i, b := range bars {
		width := 1 / float64(len(bars))
		share := float64(b.Count) / float64(max(most, 1))
		if b.Count > 0 {
			share = max(share, 0.01) // what is there shows
		}
		bar := spreadBar{
			Bar: b, X: percent(float64(i)*width + 0.1*width), W: percent(0.8 * width), Middle: percent((float64(i) + 0.5) * width),
			Y: percent(1 - share), H: percent(share), Crowded: len(bars) > fewBars,
		}
		if i%each == 0 {
			bar.Label = finding.FormatDuration(b.From)
		}
		s.Bars = append(s.Bars, bar)
	}
	return s, len(bars) > 0
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

func percent(share float64) string {
	return strconv.FormatFloat(100*share, 'f', 3, 64) + "%"
}
