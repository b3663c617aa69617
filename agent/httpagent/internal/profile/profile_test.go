package profile

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	pprof "github.com/google/pprof/profile"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// read parses with the format's own library and turns the profile back into ours.
func read(t *testing.T, p *Profile) *Profile {
	t.Helper()
	var buf bytes.Buffer
	if err := Write(&buf, p); err != nil {
		t.Fatal(err)
	}
	parsed, err := pprof.Parse(&buf)
	if err != nil {
		t.Fatal(err)
	}
	if err := parsed.CheckValid(); err != nil {
		t.Fatal(err)
	}
	got := &Profile{Default: parsed.DefaultSampleType, Taken: time.Unix(0, parsed.TimeNanos), Comments: parsed.Comments}
	for _, typ := range parsed.SampleType {
		got.Types = append(got.Types, ValueType{typ.Type, typ.Unit})
	}
	for _, s := range parsed.Sample {
		sample := Sample{Values: s.Value}
		for _, l := range s.Location {
			for _, line := range l.Line {
				sample.Stack = append(sample.Stack, finding.Frame{Func: line.Function.Name, File: line.Function.Filename, Line: int(line.Line)})
			}
		}
		for key, texts := range s.Label {
			sample.Labels = append(sample.Labels, Label{Key: key, Text: texts[0]})
		}
		for key, numbers := range s.NumLabel {
			sample.Labels = append(sample.Labels, Label{Key: key, Number: numbers[0]})
		}
		got.Samples = append(got.Samples, sample)
	}
	return got
}

func TestProfileComesBack(t *testing.T) {
	main := finding.Frame{Func: "main.main", File: "/src/main.go", Line: 12}
	want := &Profile{
		Types: []ValueType{{"contentions", "count"}, {"delay", "nanoseconds"}}, Default: "delay",
		Taken: time.Unix(1700000000, 5), Comments: []string{"two", "lines"},
		Samples: []Sample{
			{Stack: finding.Stack{{Func: "main.work", File: "/src/main.go", Line: 7}, main}, Values: []int64{3, 1 << 40}, Labels: []Label{{Key: "class", Text: "accounts"}}},
			{Stack: finding.Stack{{Func: "main.work", File: "/src/main.go", Line: 8}, main}, Values: []int64{0, -1}, Labels: []Label{{Key: "goroutine", Number: 18}}},
		},
	}
	if diff := cmp.Diff(want, read(t, want)); diff != "" {
		t.Errorf("profile (-want +got):\n%s", diff)
	}
}

func TestRandomProfilesComeBack(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 100 {
		want := &Profile{Types: []ValueType{{"n", "count"}}, Default: "n", Taken: time.Unix(1, 0)}
		for range r.IntN(20) {
			s := Sample{Values: []int64{r.Int64()}}
			for range 1 + r.IntN(30) {
				s.Stack = append(s.Stack, finding.Frame{
					Func: "f" + strconv.Itoa(r.IntN(9)), File: "/g" + strconv.Itoa(r.IntN(3)), Line: r.IntN(300),
				})
			}
			want.Samples = append(want.Samples, s)
		}
		if diff := cmp.Diff(want, read(t, want)); diff != "" {
			t.Fatalf("profile (-want +got):\n%s", diff)
		}
	}
}

func TestEmptyProfileIsValid(t *testing.T) {
	read(t, &Profile{Types: []ValueType{{"n", "count"}}})
}

func TestWriteRefusesUnevenSamples(t *testing.T) {
	err := Write(new(bytes.Buffer), &Profile{Types: []ValueType{{"n", "count"}}, Samples: []Sample{{}}})
	if err == nil || err.Error() != "writing profile: sample 0 has 0 values, not 1" {
		t.Errorf("error %v", err)
	}
}

type full struct{}

var errFull = errors.New("full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriteSaysWhatFails(t *testing.T) {
	if err := Write(full{}, &Profile{}); !errors.Is(err, errFull) {
		t.Errorf("error %v", err)
	}
}
