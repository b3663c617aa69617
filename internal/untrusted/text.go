package untrusted

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Text returns s with a replacement character for each character that must not leave the
// program. It returns s itself if there is none.
func Text(s string) string {
	if isClean(s) {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		if isUnsafe(r) {
			return utf8.RuneError
		}
		return r // also utf8.RuneError, for a byte that is no UTF-8
	}, s)
}

// Line is Text without line breaks and tabs, which become spaces.
func Line(s string) string {
	s = Text(s)
	if strings.ContainsAny(s, "\n\t") {
		s = strings.NewReplacer("\n", " ", "\t", " ").Replace(s)
	}
	return s
}

// isClean reports whether Text leaves s as it is. Nearly all strings are printable ASCII.
func isClean(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < ' ' && c != '\n' && c != '\t') || c >= 0x7f {
			return utf8.ValidString(s[i:]) && strings.IndexFunc(s[i:], isUnsafe) < 0
		}
	}
	return true
}

func isUnsafe(r rune) bool {
	const zeroWidthNonJoiner, zeroWidthJoiner = '\u200c', '\u200d'
	switch r {
	case '\n', '\t', zeroWidthNonJoiner, zeroWidthJoiner:
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp, unicode.Noncharacter_Code_Point)
}

// JSON returns valid JSON with such characters in strings escaped: the value stays the same.
func JSON(text []byte) []byte {
	if bytes.IndexFunc(text, isUnsafe) < 0 {
		return text
	}
	out := make([]byte, 0, len(text)+len(text)/16)
	for _, r := range string(text) {
		switch first, second := utf16.EncodeRune(r); {
		case !isUnsafe(r) || r < ' ': // below the space there is only white space between values
			out = utf8.AppendRune(out, r)
		case r > 0xffff:
			out = fmt.Appendf(out, `\u%04x\u%04x`, first, second)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}
