package render_test

import (
	"fmt"
	"os"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer/render"
)

func report() *finding.Report {
	rep := finding.NewReport(finding.Tool{Name: "example"})
	rep.Inputs = []finding.Input{{Name: "race.log", Kind: "race detector log", Events: 1}}
	rep.Summary.Verdict = "1 error: the program has a data race (main.(*store).put)"
	at := finding.Frame{Func: "main.(*store).put", File: "/src/app/store.go", Line: 10}
	rep.Findings = append(rep.Findings, finding.Finding{
		Rule: finding.RuleDataRace, Certainty: finding.Observed, Severity: finding.Error, Count: 1,
		Title:      "main.(*store).put store.go:10 writes what main.(*store).size store.go:20 read",
		Goroutines: []finding.Goroutine{{ID: 7, State: "writes", Stack: finding.Stack{at}}},
		Fix:        "guard both accesses with the same mutex", Fingerprint: "3f1c9a0b",
	})
	return rep
}

func ExampleWrite() {
	if err := render.Write(os.Stdout, report(), render.Options{Format: "text"}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 1 error: the program has a data race (main.(*store).put)
	//
	// inputs
	//   race detector log  race.log    1 report
	//
	// findings
	//   1  error  data-race observed  main.(*store).put store.go:10 writes what main.(*store).size
	//                                 store.go:20 read
	//
	// evidence
	//   1. data-race (observed): main.(*store).put store.go:10 writes what main.(*store).size store.go:20
	//      read
	//      goroutine 7 [writes]
	//        main.(*store).put store.go:10
	//      fix: guard both accesses with the same mutex
	//      more: concdoctor explain data-race   fingerprint 3f1c9a0b
}

func ExampleFormats() {
	for _, name := range render.Formats() {
		fmt.Println(name)
	}
	// Output:
	// text
	// json
	// dot
	// pprof
	// html
	// sarif
}

// The text of the lines at fault is read from the disk, where it is at hand.
func ExampleSourceLines() {
	source := render.SourceLines("")
	fmt.Printf("%q\n", source(finding.Frame{Func: "main.main", File: "/nowhere/main.go", Line: 1}))
	// Output: ""
}
