package analyzer

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer/internal/load"
	"github.com/concdoctor/concdoctor/analyzer/internal/racelog"
)

// analyzeRaceLog adds what the race detector reported in a text.
func analyzeRaceLog(in *load.Input, rep *finding.Report) error {
	log, err := racelog.Read(in.R)
	if err != nil {
		rep.Warn(in.Name, "the log could be read up to %v only", err)
	}
	rep.Inputs = append(rep.Inputs, finding.Input{
		Name: in.Name, Kind: in.Kind.String(), Bytes: in.Bytes(), Events: int64(len(log.Reports)),
	})
	rep.Findings = append(rep.Findings, log.Findings(in.Name)...)
	if log.Unparsed > 0 {
		rep.Warn(in.Name, "%d of %d race reports are torn or cut off and were left out", log.Unparsed, log.Unparsed+len(log.Reports))
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", in.Name, err)
	}
	return nil
}
