package logtext

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

const (
	// maxLine is how much of a line is looked at; what we look for is far shorter.
	maxLine = 64 << 10
	// maxJSON is how much of a line of JSON is unwrapped: a stack in a field makes
	// such a line long.
	maxJSON = 4 << 20
	// maxStreams bounds the packages whose lines are kept apart. Those beyond it
	// share one stream.
	maxStreams = 1000
)

// Line is one line of a log without its end.
type Line struct {
	// Number is the 1-based line of the input that it stood on or, of several
	// unwrapped from one, in.
	Number int
	// Stream distinguishes outputs that were written at the same time: "" for plain
	// text, the package for events of go test -json.
	Stream string
	Text   string
}

// Read calls each with every line of r and returns the number of lines read. An
// error of r ends the reading and is returned with the line it happened at.
func Read(r io.Reader, each func(Line)) (lines int, err error) {
	u := unwrapper{each: each, partial: make(map[string]string)}
	br := bufio.NewReaderSize(r, maxLine)
	for {
		text, err := readLine(br)
		if text != "" || err == nil {
			u.number++
			u.line(text)
		}
		if err != nil {
			u.end()
			if errors.Is(err, io.EOF) {
				return u.number, nil
			}
			return u.number, fmt.Errorf("line %d: %w", u.number+1, err)
		}
	}
}

// readLine returns the next line without its end, cut at maxLine, or at maxJSON
// where it looks like JSON.
func readLine(br *bufio.Reader) (string, error) {
	part, err := br.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return strings.TrimRight(string(part), "\r\n"), err
	}
	line := slices.Clone(part)
	for errors.Is(err, bufio.ErrBufferFull) {
		part, err = br.ReadSlice('\n')
		if line[0] == '{' && len(line)+len(part) <= maxJSON {
			line = append(line, part...)
		}
	}
	return strings.TrimRight(string(line), "\r\n"), err
}

// unwrapper is the state of one reading. partial holds the begun line of each stream.
type unwrapper struct {
	each    func(Line)
	number  int
	partial map[string]string
}

func (u *unwrapper) emit(stream, text string) {
	text = strings.TrimSuffix(text, "\r")
	u.each(Line{Number: u.number, Stream: stream, Text: text[:min(len(text), maxLine)]})
}

func (u *unwrapper) line(text string) {
	if !strings.HasPrefix(text, "{") {
		u.emit("", text)
		return
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &fields) != nil {
		u.emit("", text) // a brace is no JSON yet
		return
	}
	pkg, inTest := stringOf(fields["Package"]), false
	for _, name := range [...]string{"Output", "log"} { // go test -json, container logs
		if raw, has := fields[name]; has {
			u.part(pkg, stringOf(raw))
			inTest = true
		}
	}
	if !inTest {
		u.others(fields)
	}
}

// others hands out the values that have lines of their own, in the order of their names.
func (u *unwrapper) others(fields map[string]json.RawMessage) {
	var names []string
	for name, raw := range fields {
		if len(raw) > 0 && raw[0] == '"' {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		for line := range strings.SplitSeq(stringOf(fields[name]), "\n") {
			u.emit("", line)
		}
	}
}

// stringOf is the string in raw, "" if it is none.
func stringOf(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s) // what is no string has no lines
	return s
}

// part adds text to the stream's begun line and hands out the lines that it ends.
func (u *unwrapper) part(stream, text string) {
	if _, known := u.partial[stream]; !known && len(u.partial) >= maxStreams {
		stream = ""
	}
	text = u.partial[stream] + text
	for {
		line, rest, ended := strings.Cut(text, "\n")
		if !ended {
			break
		}
		u.emit(stream, line)
		text = rest
	}
	u.partial[stream] = text[:min(len(text), maxLine)]
}

func (u *unwrapper) end() {
	streams := make([]string, 0, len(u.partial))
	for stream, text := range u.partial {
		if text != "" {
			streams = append(streams, stream)
		}
	}
	slices.Sort(streams)
	for _, stream := range streams {
		u.emit(stream, u.partial[stream])
	}
}
