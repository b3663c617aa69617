package render

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSpark(t *testing.T) {
	for _, tt := range []struct {
		charts  Charts
		values  []float64
		columns int
		want    string
	}{
		{BlockCharts, []float64{0, 1, 2, 3, 4, 5, 6, 7, 8}, 9, " ▂▃▄▅▆▇██"},
		{ASCIICharts, []float64{0, 0.01, 4, 8}, 4, " .+@"},
		{BlockCharts, []float64{1, 3, 2, 2}, 2, "██"},
		{BlockCharts, []float64{2}, 3, "███"},
		{BlockCharts, []float64{0, 0}, 2, "  "},
		{BlockCharts, []float64{math.NaN(), math.Inf(1), -1, 5}, 4, "   █"},
		{BlockCharts, nil, 9, ""},
	} {
		if got := tt.charts.spark(tt.values, tt.columns); got != tt.want {
			t.Errorf("%v in %d columns: %q, want %q", tt.values, tt.columns, got, tt.want)
		}
	}
}

func TestBar(t *testing.T) {
	for _, tt := range []struct {
		charts Charts
		share  float64
		want   string
	}{
		{BlockCharts, 1, "████"}, {BlockCharts, 0.5, "██"}, {BlockCharts, 0.53125, "██▏"}, {BlockCharts, 0.0001, "▏"},
		{BlockCharts, 0, ""}, {BlockCharts, math.NaN(), ""}, {BlockCharts, 9, "████"}, {BlockCharts, -1, ""},
		{ASCIICharts, 1, "####"}, {ASCIICharts, 0.6, "##"}, {ASCIICharts, 0.0001, "#"}, {ASCIICharts, 0, ""},
	} {
		if got := tt.charts.bar(tt.share, 4); got != tt.want {
			t.Errorf("bar of %v: %q, want %q", tt.share, got, tt.want)
		}
	}
}

// TestChartsOnlyAdd holds that charts take nothing from the text, fit the page, and
// that those for plain terminals are plain.
func TestChartsOnlyAdd(t *testing.T) {
	rep := readReport(t, "full.json")
	without := strings.Split(render(t, rep, "text", Options{}), "\n")
	for _, charts := range []Charts{ASCIICharts, BlockCharts} {
		text := render(t, rep, "text", Options{Charts: charts})
		rest := without
		for line := range strings.SplitSeq(text, "\n") {
			if n := utf8.RuneCountInString(line); n > width {
				t.Errorf("a line of %d columns: %s", n, line)
			}
			if len(rest) > 0 && line == rest[0] {
				rest = rest[1:]
			}
		}
		if len(rest) > 0 {
			t.Errorf("with charts the text lacks %q", rest[0])
		}
		if ascii := charts == ASCIICharts; strings.ContainsAny(text, "▁▂▃▄▅▆▇█▏▎▍▌▋▊▉▕") == ascii {
			t.Errorf("block elements with charts %d", charts)
		}
	}
}
