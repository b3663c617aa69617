// Command table runs all programs of known truth and prints what the analyzer said
// beside it. The status is 1 if a figure is wrong.
//
//	go run ./internal/trace/truth/table [NAME...]
package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/internal/trace/truth"
)

func main() {
	truth.Child()
	wrong := 0
	fmt.Printf("%-26s %-40s %12s %12s %8s\n", "program", "figure", "truth", "said", "tolerance")
	for _, p := range truth.Programs() {
		if len(os.Args) > 1 && !slices.ContainsFunc(os.Args[1:], func(name string) bool { return strings.HasPrefix(p.Name, name) }) {
			continue
		}
		figures, err := truth.Settle(context.Background(), p)
		if err != nil {
			fmt.Fprintln(os.Stderr, "table:", err)
			os.Exit(1)
		}
		for _, f := range figures {
			fmt.Println(f)
			if !f.OK() {
				wrong++
			}
		}
	}
	if wrong > 0 {
		fmt.Printf("%d figures are wrong\n", wrong)
		os.Exit(1)
	}
}
