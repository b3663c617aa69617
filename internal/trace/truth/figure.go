package truth

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/google/pprof/profile"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Figure is one thing that the report says, beside the truth. It is a number with a
// tolerance, or a set that must be exact.
type Figure struct {
	Program, Name string
	Unit          finding.Unit
	Truth, Said   float64
	// Tolerance is relative, Slack absolute; the larger allowance counts.
	Tolerance, Slack float64

	TruthSet, SaidSet []string
	isSet             bool
}

// Nanos is a figure in nanoseconds with a relative tolerance. The slack of a
// millisecond is the granularity of what the system does to a process.
func Nanos(name string, truth, said, tolerance float64) Figure {
	return Figure{Name: name, Unit: finding.Nanos, Truth: truth, Said: said, Tolerance: tolerance, Slack: 1e6}
}

// Share is a figure from 0 to 1 or any other ratio, with an absolute tolerance.
func Share(name string, truth, said, slack float64) Figure {
	return Figure{Name: name, Unit: finding.Ratio, Truth: truth, Said: said, Slack: slack}
}

// Number is a count with a relative tolerance.
func Number(name string, truth, said, tolerance float64) Figure {
	return Figure{Name: name, Unit: finding.Count, Truth: truth, Said: said, Tolerance: tolerance}
}

// Set is a figure that must be exact; order does not count.
func Set(name string, truth, said []string) Figure {
	return Figure{Name: name, TruthSet: slices.Sorted(slices.Values(truth)), SaidSet: slices.Sorted(slices.Values(said)), isSet: true}
}

// OK reports whether what was said is the truth.
func (f Figure) OK() bool {
	if f.isSet {
		return slices.Equal(f.TruthSet, f.SaidSet)
	}
	return math.Abs(f.Said-f.Truth) <= max(f.Tolerance*math.Abs(f.Truth), f.Slack)
}

// String is the figure as a row of the table.
func (f Figure) String() string {
	truth, said, tolerance := f.texts()
	mark := "ok"
	if !f.OK() {
		mark = "WRONG"
	}
	return fmt.Sprintf("%-26s %-40s %12s %12s %8s  %s", f.Program, f.Name, truth, said, tolerance, mark)
}

func (f Figure) texts() (truth, said, tolerance string) {
	if !f.isSet {
		tolerance = finding.FormatShare(f.Tolerance)
		if f.Tolerance == 0 {
			tolerance = finding.Measure{Value: f.Slack, Unit: f.Unit}.Text()
		}
		return f.text(f.Truth), f.text(f.Said), "± " + tolerance
	}
	truth, said = setText(f.TruthSet), setText(f.SaidSet)
	if truth == said && len(truth) > 40 {
		said = "the same"
	}
	return truth, said, "exact"
}

func (f Figure) text(v float64) string {
	if f.Unit == finding.Nanos {
		return finding.FormatDuration(time.Duration(v))
	}
	if f.Unit == finding.Count {
		return fmt.Sprintf("%.4g", v)
	}
	return fmt.Sprintf("%.3f", v)
}

func setText(set []string) string {
	if len(set) == 0 {
		return "nothing"
	}
	return strings.Join(set, " + ")
}

// blocked returns what a block profile says that was waited below the function in
// calls of the leaf, in nanoseconds; a mutex profile says what its unlocks cost.
func blocked(p *profile.Profile, function, leaf string) float64 {
	return float64(sample(p, 1, function, leaf))
}

// waitCount returns how often.
func waitCount(p *profile.Profile, function, leaf string) int64 { return sample(p, 0, function, leaf) }

func sample(p *profile.Profile, value int, function, leaf string) (sum int64) {
	for _, s := range p.Sample {
		var names []string
		for _, location := range s.Location {
			for _, line := range location.Line {
				names = append(names, short(line.Function.Name))
			}
		}
		if len(names) > 0 && strings.Contains(names[0], leaf) && slices.Contains(names, function) {
			sum += s.Value[value]
		}
	}
	return sum
}

// short is the function's name without this package's path.
func short(name string) string {
	if _, after, ok := strings.Cut(name, "/trace/truth."); ok {
		return after
	}
	return name
}
