package profile

import (
	"compress/gzip"
	"fmt"
	"io"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/untrusted"
)

// ValueType names what a value of a sample counts, as in "delay" and "nanoseconds".
type ValueType struct{ Type, Unit string }

// Label is a word that a sample carries; pprof can filter and group by it.
type Label struct {
	Key, Text string
	// Number is used where Text is empty.
	Number int64
}

// Sample is one stack, innermost call first, with a value for each type.
type Sample struct {
	Stack  finding.Stack
	Values []int64
	Labels []Label
}

// Profile is what Write writes.
type Profile struct {
	Types []ValueType
	// Default is the Type that pprof shows first.
	Default string
	Samples []Sample
	Taken   time.Time
	// Comments are shown by pprof -comments.
	Comments []string
}

// The field numbers of profile.proto.
const (
	profileSampleType    = 1
	profileSample        = 2
	profileLocation      = 4
	profileFunction      = 5
	profileStringTable   = 6
	profileTimeNanos     = 9
	profileComment       = 13
	profileDefaultSample = 14

	valueTypeType = 1
	valueTypeUnit = 2

	sampleLocation = 1
	sampleValue    = 2
	sampleLabel    = 3

	labelKey  = 1
	labelText = 2
	labelNum  = 3

	locationID   = 1
	locationLine = 4

	lineFunction = 1
	lineLine     = 2

	functionID     = 1
	functionName   = 2
	functionSystem = 3
	functionFile   = 4
)

// Write writes the profile, compressed. It fails if a sample has not one value for
// each type, or w fails.
func Write(w io.Writer, p *Profile) error {
	for i := range p.Samples {
		if n := len(p.Samples[i].Values); n != len(p.Types) {
			return fmt.Errorf("writing profile: sample %d has %d values, not %d", i, n, len(p.Types))
		}
	}
	zip := gzip.NewWriter(w)
	if _, err := zip.Write(newEncoder().profile(p)); err != nil {
		return fmt.Errorf("writing profile: %w", err)
	}
	if err := zip.Close(); err != nil {
		return fmt.Errorf("writing profile: %w", err)
	}
	return nil
}

// encoder numbers strings, functions and lines in the order in which they come.
type encoder struct {
	strings   map[string]int64
	functions map[function]uint64
	locations map[finding.Frame]uint64
	// head has the messages that refer to others, tail the others.
	head, tail message
}

type function struct{ name, file string }

func newEncoder() *encoder {
	e := &encoder{
		strings: map[string]int64{}, functions: map[function]uint64{}, locations: map[finding.Frame]uint64{},
	}
	e.text("") // the first string is empty by definition
	return e
}

func (e *encoder) profile(p *Profile) []byte {
	for _, t := range p.Types {
		var m message
		m.int(valueTypeType, e.text(t.Type))
		m.int(valueTypeUnit, e.text(t.Unit))
		e.head.bytes(profileSampleType, m)
	}
	for i := range p.Samples {
		e.head.bytes(profileSample, e.sample(&p.Samples[i]))
	}
	if !p.Taken.IsZero() {
		e.head.int(profileTimeNanos, p.Taken.UnixNano())
	}
	var comments message
	for _, c := range p.Comments {
		comments = comments.varint(uint64(e.text(c)))
	}
	e.head.bytes(profileComment, comments)
	e.head.int(profileDefaultSample, e.text(p.Default))
	return append(e.head, e.tail...)
}

func (e *encoder) sample(s *Sample) message {
	var m, locations, values message
	for _, f := range s.Stack {
		locations = locations.varint(e.location(f))
	}
	for _, v := range s.Values {
		values = values.varint(uint64(v))
	}
	m.bytes(sampleLocation, locations)
	m.bytes(sampleValue, values)
	for _, l := range s.Labels {
		var label message
		label.int(labelKey, e.text(l.Key))
		label.int(labelText, e.text(l.Text))
		label.int(labelNum, l.Number)
		m.bytes(sampleLabel, label)
	}
	return m
}

func (e *encoder) location(f finding.Frame) uint64 {
	if id := e.locations[f]; id != 0 {
		return id
	}
	id := uint64(len(e.locations) + 1)
	e.locations[f] = id
	var line, m message
	line.int(lineFunction, int64(e.function(function{f.Func, f.File})))
	line.int(lineLine, int64(f.Line))
	m.int(locationID, int64(id))
	m.bytes(locationLine, line)
	e.tail.bytes(profileLocation, m)
	return id
}

func (e *encoder) function(f function) uint64 {
	if id := e.functions[f]; id != 0 {
		return id
	}
	id := uint64(len(e.functions) + 1)
	e.functions[f] = id
	var m message
	m.int(functionID, int64(id))
	m.int(functionName, e.text(f.name))
	m.int(functionSystem, e.text(f.name))
	m.int(functionFile, e.text(f.file))
	e.tail.bytes(profileFunction, m)
	return id
}

func (e *encoder) text(s string) int64 {
	s = untrusted.Text(s)
	i, known := e.strings[s]
	if !known {
		i = int64(len(e.strings))
		e.strings[s] = i
		e.tail = e.tail.field(profileStringTable, wireBytes).varint(uint64(len(s)))
		e.tail = append(e.tail, s...)
	}
	return i
}
