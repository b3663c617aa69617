package sidebyside

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// event is what go test -json prints; see go doc test2json.
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64
	FailedBuild                   string
}

// outputLimit is how much of the output of a failed test is kept, from its end.
const outputLimit = 8 << 10

// read reads the events of a run.
func read(from io.Reader) (*Run, error) {
	r := &Run{Results: make(map[Test]string), Output: make(map[Test]string)}
	output := make(map[Test]string)
	for decoder := json.NewDecoder(from); ; {
		var e event
		if err := decoder.Decode(&e); err == io.EOF {
			return r, nil
		} else if err != nil {
			return nil, fmt.Errorf("reading what go test says: %w", err)
		}
		if e.FailedBuild != "" {
			return nil, fmt.Errorf("%s does not build", e.Package)
		}
		test := Test{Package: e.Package, Name: e.Test}
		switch e.Action {
		case "output":
			text := output[test] + e.Output
			output[test] = text[max(0, len(text)-outputLimit):]
		case "pass", "fail", "skip":
			r.Results[test] = e.Action
			if e.Action == "fail" {
				r.Output[test] = output[test]
			}
			delete(output, test)
			if e.Test == "" {
				r.Wall += time.Duration(e.Elapsed * float64(time.Second))
			}
		}
	}
}

// Count counts the top-level tests with a result.
func (r *Run) Count(result string) (n int) {
	for test, was := range r.Results {
		if was == result && test.Name != "" && !strings.Contains(test.Name, "/") {
			n++
		}
	}
	return n
}
