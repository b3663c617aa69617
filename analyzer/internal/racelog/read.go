package racelog

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxLine is how much of a line is looked at; the detector's own are far shorter.
const maxLine = 64 << 10

// Log is what a text held.
type Log struct {
	// Reports are in the order in which they end.
	Reports []Report
	// Unparsed counts reports that are torn or cut off.
	Unparsed int
	// Lines counts the lines read.
	Lines int
}

// Read reads r to its end. On an error of r the log holds what came before it.
func Read(r io.Reader) (*Log, error) {
	s := scanner{log: &Log{}, open: make(map[string]*builder)}
	br := bufio.NewReaderSize(r, maxLine)
	for {
		line, err := readLine(br)
		if line != "" || err == nil {
			s.log.Lines++
			s.line(line)
		}
		if err != nil {
			s.end()
			if errors.Is(err, io.EOF) {
				return s.log, nil
			}
			return s.log, fmt.Errorf("line %d: %w", s.log.Lines+1, err)
		}
	}
}

// readLine returns the next line without its end, cut at maxLine.
func readLine(br *bufio.Reader) (string, error) {
	part, err := br.ReadSlice('\n')
	line := strings.TrimRight(string(part), "\r\n")
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = br.ReadSlice('\n')
	}
	return line, err
}

// scanner finds reports in lines. open holds the report under way of each stream:
// "" for plain text, the package for events of go test -json.
type scanner struct {
	log  *Log
	open map[string]*builder
}

func (s *scanner) line(text string) {
	if !strings.HasPrefix(text, "{") {
		s.streamLine("", text)
		return
	}
	// The two JSON forms in which test and container output travels.
	var event struct{ Package, Output, Log string }
	if json.Unmarshal([]byte(text), &event) != nil {
		return
	}
	s.streamLine(event.Package, strings.TrimRight(event.Output+event.Log, "\r\n"))
}

func (s *scanner) streamLine(stream, text string) {
	if i := strings.Index(text, mark); i >= 0 {
		s.close(stream)
		s.open[stream] = newBuilder(s.log.Lines, i)
		return
	}
	if b := s.open[stream]; b != nil && b.add(text) {
		s.close(stream)
	}
}

// close ends the stream's report, if one is under way.
func (s *scanner) close(stream string) {
	b := s.open[stream]
	if b == nil {
		return
	}
	delete(s.open, stream)
	if report, whole := b.finish(); whole {
		s.log.Reports = append(s.log.Reports, report)
	} else {
		s.log.Unparsed++
	}
}

func (s *scanner) end() {
	for stream := range s.open {
		s.close(stream)
	}
}
