package profile

import (
	"bytes"
	"encoding/binary"
	"regexp"
)

// textStart is the first line of runtime/pprof's profiles with debug=1.
var textStart = regexp.MustCompile(`^(--- (mutex|contention):\r?\n|[a-z]+ profile: total [0-9]+\r?\n|heap profile: [0-9]+: [0-9]+ )`)

// IsProfile reports whether an input that begins so is a profile, of whatever kind, in
// its protobuf or its text form.
func IsProfile(head []byte) bool { return isText(head) || isProto(head) }

func isText(head []byte) bool { return textStart.Match(bytes.TrimPrefix(head, byteOrderMark)) }

var byteOrderMark = []byte("\ufeff")

// Fields of the message Profile, see google/pprof/proto/profile.proto: those that
// are messages or strings, and those that are numbers.
const (
	sampleType   = 1
	periodType   = 11
	maxField     = 15
	lengthFields = 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<5 | 1<<6 | 1<<11 | 1<<13
	varintFields = 1<<7 | 1<<8 | 1<<9 | 1<<10 | 1<<12 | 1<<13 | 1<<14 | 1<<15
)

// isProto reports whether head starts like a pprof profile in protobuf: with a type of
// samples (google/pprof writes that first) or of the period (runtime/pprof does),
// followed only by fields that a profile has, as far as head goes.
func isProto(head []byte) bool {
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
