package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/concdoctor/concdoctor/internal/untrusted"
)

const (
	// maxMessageLines and maxMessageLine bound what one message says: names, lines of files
	// and answers of servers are part of it, and an input that is wrong as a whole must not
	// fill the screen.
	maxMessageLines = 10
	maxMessageLine  = 1000
)

// say writes a message for the user to standard error. What an input, a server or a file
// name may have slipped in is cleaned.
func (s *streams) say(format string, args ...any) {
	writeMessage(s.err, "concdoctor: ", fmt.Sprintf(format, args...))
}

// writeMessage writes the text with a prefix before each line.
func writeMessage(w io.Writer, prefix, text string) {
	lines := strings.Split(untrusted.Text(strings.TrimRight(text, "\n")), "\n")
	if more := len(lines) - maxMessageLines + 1; more > 1 {
		lines = append(lines[:maxMessageLines-1], fmt.Sprintf("… %d more lines", more))
	}
	for _, line := range lines {
		fmt.Fprintf(w, "%s%s\n", prefix, shorten(line))
	}
}

func shorten(line string) string {
	if len(line) <= maxMessageLine {
		return line
	}
	cut := maxMessageLine
	for !utf8.RuneStart(line[cut]) {
		cut--
	}
	return line[:cut] + "…"
}
