package load

import (
	"bytes"
	"encoding/binary"
	"io"
	"regexp"
	"unicode/utf8"
)

var (
	gzipMagic = []byte{0x1f, 0x8b}
	dumpMark  = []byte("goroutine ")

	// traceHeader is the 16 bytes that runtime/trace writes: "go 1.26 trace" and
	// three zero bytes.
	traceHeader = regexp.MustCompile(`^go 1\.[0-9]{1,2} trace\x00\x00\x00`)
	// textProfileStart is the first line of runtime/pprof's profiles with debug=1.
	textProfileStart = regexp.MustCompile(`^(--- (mutex|contention):\r?\n|[a-z]+ profile: total [0-9]+\r?\n|heap profile: [0-9]+: [0-9]+ )`)
	// reportKeys are the first keys of finding.Report, in whatever spacing.
	reportKeys = regexp.MustCompile(`^\s*\{\s*"schema"\s*:\s*[0-9]+\s*,\s*"tool"\s*:\s*\{\s*"name"\s*:\s*"concdoctor"`)
)

// sniff recognises an input by its first bytes, which are decompressed.
func sniff(head []byte) Kind {
	text := bytes.TrimPrefix(head, []byte("\ufeff"))
	switch {
	case traceHeader.Match(head):
		return Trace
	case textProfileStart.Match(text):
		return TextProfile
	case isProfile(head):
		return Profile
	case reportKeys.Match(text):
		return Report
	case holdsMark(head):
		return Log
	}
	return Unknown
}

// Fields of the message Profile, see google/pprof/proto/profile.proto: those that
// are messages or strings, and those that are numbers.
const (
	sampleType   = 1
	periodType   = 11
	maxField     = 15
	lengthFields = 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<5 | 1<<6 | 1<<11 | 1<<13
	varintFields = 1<<7 | 1<<8 | 1<<9 | 1<<10 | 1<<12 | 1<<13 | 1<<14 | 1<<15
)

// isProfile reports whether head starts like a pprof profile: with a type of
// samples (google/pprof writes that first) or of the period (runtime/pprof does),
// followed only by fields that a profile has, as far as head goes.
func isProfile(head []byte) bool {
	for at := 0; at < len(head); {
		field, wire := head[at]>>3, head[at]&7
		size, n := binary.Uvarint(head[at+1:])
		if at == 0 && field != sampleType && field != periodType || field > maxField || n < 0 {
			return false
		}
		if n == 0 {
			return at > 0 // cut within a number
		}
		at += 1 + n
		switch {
		case wire == 0 && varintFields>>field&1 == 1:
		case wire == 2 && lengthFields>>field&1 == 1:
			if rest := uint64(len(head) - at); size > rest {
				return (field != sampleType && field != periodType) && rest > 0
			}
			if (field == sampleType || field == periodType) && !isValueType(head[at:][:size]) {
				return false
			}
			at += int(size)
		default:
			return false
		}
	}
	return len(head) > 0
}

// isValueType reports whether b is a message of nothing but the numbers 1 (type)
// and 2 (unit).
func isValueType(b []byte) bool {
	for len(b) > 0 {
		if b[0] != 1<<3 && b[0] != 2<<3 {
			return false
		}
		_, n := binary.Uvarint(b[1:])
		if n <= 0 {
			return false
		}
		b = b[1+n:]
	}
	return true
}

// isText reports whether head reads as text: valid UTF-8 but for a rune cut at
// the end, and no control characters that text does not have.
func isText(head []byte) bool {
	for i := 0; i < len(head); {
		r, n := utf8.DecodeRune(head[i:])
		if r == utf8.RuneError && n == 1 {
			return len(head)-i < utf8.UTFMax && !utf8.FullRune(head[i:])
		}
		if r < ' ' && !bytes.ContainsRune([]byte("\t\n\r\f\b\x1b"), r) {
			return false
		}
		i += n
	}
	return len(head) > 0
}

// logMarks are the words by which a log is recognised, besides the head line of a
// goroutine in a dump: of the race detector, of go-deadlock, of the runtime.
var logMarks = [][]byte{
	[]byte("WARNING: DATA RACE"),
	[]byte("POTENTIAL DEADLOCK:"),
	[]byte("fatal error: all goroutines are asleep"),
}

// dumpHead is what follows "goroutine " in the head line of a dump's goroutine.
var dumpHead = regexp.MustCompile(`^[0-9]+ (gp=0x[0-9a-f]+ m=\S+ (mp=0x[0-9a-f]+ )?)?\[[a-zA-Z. ]+[^\]\n]*\]:`)

// maxMark is longer than anything that holdsMark looks for.
const maxMark = 300

// holdsMark reports whether text has a report of a kind that is read out of logs.
func holdsMark(text []byte) bool {
	for _, mark := range logMarks {
		if bytes.Contains(text, mark) {
			return true
		}
	}
	for {
		_, rest, found := bytes.Cut(text, dumpMark)
		if !found || dumpHead.Match(rest[:min(len(rest), maxMark)]) {
			return found
		}
		text = rest
	}
}

// searchMark reads r to the first report or to its end.
func searchMark(r io.Reader) (bool, error) {
	buf := make([]byte, headBytes)
	kept := 0 // bytes of the last read that may be the start of a mark
	for {
		n, err := r.Read(buf[kept:])
		window := buf[:kept+n]
		if holdsMark(window) {
			return true, nil
		}
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		kept = copy(buf, window[max(0, len(window)-maxMark):])
	}
}
