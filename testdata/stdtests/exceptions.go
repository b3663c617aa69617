package main

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/concdoctor/concdoctor/testdata/internal/sidebyside"
)

//go:embed exceptions.txt
var exceptionsText string

// exception is a test that passes plain and cannot pass under zero touch.
type exception struct {
	test   sidebyside.Test
	way    string // "zero", "race" or "both"
	reason string
}

func (e exception) in(way sidebyside.Way) bool {
	return e.way == "both" || way.Race == (e.way == "race")
}

// readExceptions reads the list: package, test, way, and the reason after two spaces.
func readExceptions() (list []exception, err error) {
	for i, line := range strings.Split(exceptionsText, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		what, reason, _ := strings.Cut(line, "  ")
		words := strings.Fields(what)
		if len(words) != 3 || reason == "" {
			return nil, fmt.Errorf("exceptions.txt:%d: want package, test, way, two spaces and the reason", i+1)
		}
		list = append(list, exception{sidebyside.Test{Package: words[0], Name: words[1]}, words[2], reason})
	}
	return list, nil
}
