package load

import (
	"bytes"
	"encoding/binary"
	"io"
	"regexp"
	"unicode/utf8"
)

var (
	gzipMagic  = []byte{0x1f, 0x8b}
	raceMark   = []byte("WARNING: DATA RACE")
	traceStart = []byte("go 1.")

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
	case bytes.Contains(head, raceMark):
		return RaceLog
	}
	return Unknown
}

// isProfile reports whether head starts like a pprof profile: every writer puts
// field 1 (sample_type) first, a message of two string indices. See
// google/pprof/proto/profile.proto.
func isProfile(head []byte) bool {
	const sampleType = 1<<3 | 2 // field 1, length-delimited
	if len(head) == 0 || head[0] != sampleType {
		return false
	}
	size, n := binary.Uvarint(head[1:])
	if n <= 0 || size == 0 || size > 2*(1+binary.MaxVarintLen64) || uint64(len(head)) < 1+uint64(n)+size {
		return false
	}
	value := head[1+n:][:size]
	for len(value) > 0 {
		if value[0] != 1<<3 && value[0] != 2<<3 { // fields 1 (type) and 2 (unit), varint
			return false
		}
		_, n := binary.Uvarint(value[1:])
		if n <= 0 {
			return false
		}
		value = value[1+n:]
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

// holdsRace reads r to the first race report or to its end.
func holdsRace(r io.Reader) (bool, error) {
	buf := make([]byte, headBytes)
	kept := 0 // bytes of the last read that may be the start of the mark
	for {
		n, err := r.Read(buf[kept:])
		window := buf[:kept+n]
		if bytes.Contains(window, raceMark) {
			return true, nil
		}
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		kept = copy(buf, window[max(0, len(window)-len(raceMark)+1):])
	}
}
