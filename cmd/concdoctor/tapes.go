package main

import (
	"io"
	"os"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
	"github.com/concdoctor/concdoctor/internal/zerotouch/verdict"
)

// tapeHead is how much of a file tells that it is a tape.
const tapeHead = 16

// splitTapes sorts out the files that are recordings of zero-touch mode, by content.
func splitTapes(files []string) (tapes, others []string) {
	for _, name := range files {
		if isTape(name) {
			tapes = append(tapes, name)
		} else {
			others = append(others, name)
		}
	}
	return tapes, others
}

// isTape reports false for what cannot be read: the analyzer tells why.
func isTape(name string) bool {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return false // a pipe can be read once only
	}
	file, err := os.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	head := make([]byte, tapeHead)
	n, err := io.ReadFull(file, head)
	return err == nil && tape.IsTape(head[:n])
}

// readTapes returns what the tapes show, as reports to be merged with others.
func readTapes(tapes []string) ([]*finding.Report, error) {
	if len(tapes) == 0 {
		return nil, nil
	}
	rep, err := verdict.Read(tapes, verdict.Options{Version: version()})
	return []*finding.Report{rep}, err
}
