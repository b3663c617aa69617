package format

import (
	"context"
	"fmt"

	"github.com/concdoctor/concdoctor/internal/logtext"
)

// Read reads the input and adds what it shows to the result. On an error the result has
// what came before it.
func (in *Input) Read(ctx context.Context, to *Result) error {
	if in.format != nil {
		return in.format.Read(ctx, in, to)
	}
	scanners := make([]Scanner, len(in.logs))
	for i, f := range in.logs {
		scanners[i] = f.Scan()
	}
	_, err := logtext.Read(in.R, func(l logtext.Line) {
		for _, s := range scanners {
			s.Line(l)
		}
	})
	if err != nil {
		to.Report.Warn(in.Name, "the log could be read up to %v only", err)
	}
	for _, s := range scanners {
		s.End(in, to)
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", in.Name, err)
	}
	return nil
}

// Reports returns a scanner for reports that begin with a mark. End is called once all
// have ended.
func Reports[R logtext.Report](reports logtext.Reports[R], end func(*Input, *Result)) Scanner {
	return &reportScanner[R]{reports, end}
}

type reportScanner[R logtext.Report] struct {
	logtext.Reports[R]
	end func(*Input, *Result)
}

// End implements Scanner.
func (s *reportScanner[R]) End(in *Input, to *Result) {
	s.EndAll()
	s.end(in, to)
}
