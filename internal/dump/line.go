package dump

import (
	"strconv"
	"strings"
)

// A dump can have gigabytes, and the agent reads one while its service waits: lines are
// cut by hand, without regular expressions.

// head is the line that begins a goroutine.
type head struct {
	// at is where it begins: a log may put a prefix before it.
	at int
	id uint64
	// state is what stands between the brackets, without labels.
	state string
}

const headWord = "goroutine "

// cutHead reads lines such as
//
//	goroutine 7 [chan receive, 5 minutes, locked to thread]:
//	goroutine 1 gp=0xc000002380 m=0 mp=0x5e0 [running labels:{"a": "b"}]:
func cutHead(text string) (h head, ok bool) {
	body, ok := strings.CutSuffix(text, "]:")
	if !ok {
		return head{}, false
	}
	for at := 0; ; {
		i := strings.Index(body[at:], headWord)
		if i < 0 {
			return head{}, false
		}
		h.at = at + i
		at = h.at + len(headWord)
		if h.id, h.state, ok = cutGoroutine(body[at:]); ok {
			return h, true
		}
	}
}

// cutGoroutine reads what follows the word goroutine. The id is 0 if it is out of range:
// no goroutine of a program has it.
func cutGoroutine(text string) (id uint64, state string, ok bool) {
	digits, rest := cutDigits(text)
	rest, ok = strings.CutPrefix(rest, " ")
	if digits == "" || !ok {
		return 0, "", false
	}
	if system, isSystem := strings.CutPrefix(rest, "gp="); isSystem {
		if rest, ok = cutThread(system); !ok {
			return 0, "", false
		}
	}
	state, ok = strings.CutPrefix(rest, "[")
	if labels := strings.Index(state, " labels:{"); labels > 0 && strings.HasSuffix(state, "}") {
		state = state[:labels]
	}
	id, _ = strconv.ParseUint(digits, 10, 64)
	return id, state, ok && state != "" && strings.IndexByte(state, ']') < 0
}

// cutThread cuts the value of "gp=", and "m=" and "mp=" with theirs.
func cutThread(text string) (rest string, ok bool) {
	rest, ok = cutValue(text)
	if !ok || !strings.HasPrefix(rest, "m=") {
		return "", false
	}
	rest, ok = cutValue(rest[len("m="):])
	if running, hasMP := strings.CutPrefix(rest, "mp="); ok && hasMP {
		return cutValue(running)
	}
	return rest, ok
}

func cutValue(text string) (rest string, ok bool) {
	value, rest, ok := strings.Cut(text, " ")
	return rest, ok && value != "" && !strings.ContainsAny(value, "\t\v\f\r")
}

func cutDigits(text string) (digits, rest string) {
	n := 0
	for n < len(text) && '0' <= text[n] && text[n] <= '9' {
		n++
	}
	return text[:n], text[n:]
}

// cutCall reads "main.(*pool).work(0xc000012345, {0x1, 0x2})": the first line of a call.
func cutCall(text string) (function, words string, ok bool) {
	body, ok := strings.CutSuffix(text, ")")
	open := strings.LastIndexByte(body, '(')
	if !ok || open <= 0 {
		return "", "", false
	}
	function, words = body[:open], body[open+1:]
	return function, words, strings.IndexByte(words, ')') < 0 && !isSpace(function[0]) && strings.IndexByte(function, ' ') < 0
}

// cutCreated reads "created by main.main in goroutine 1"; parent is 0 if the line does
// not name it, as before Go 1.21.
func cutCreated(text string) (function string, parent uint64, ok bool) {
	if function, ok = strings.CutPrefix(text, "created by "); !ok {
		return "", 0, false
	}
	if i := strings.LastIndex(function, " in goroutine "); i > 0 {
		if digits, rest := cutDigits(function[i+len(" in goroutine "):]); digits != "" && rest == "" {
			parent, _ = strconv.ParseUint(digits, 10, 64) // 0 if out of range
			function = function[:i]
		}
	}
	return function, parent, function != "" && !isSpace(function[0])
}

// cutPosition reads "\t/src/main.go:12 +0x1d", the second line of a call, whose tab may
// have become spaces. SIGQUIT adds " fp=0x1 sp=0x2 pc=0x3".
func cutPosition(text string) (file string, line int, ok bool) {
	rest, ok := cutIndent(text)
	if !ok {
		return "", 0, false
	}
	for _, mark := range [...]string{"pc=0x", "sp=0x", "fp=0x", "+0x"} {
		rest = cutLastWord(rest, mark)
	}
	colon := strings.LastIndexByte(rest, ':')
	if colon <= 0 {
		return "", 0, false
	}
	if digits, more := cutDigits(rest[colon+1:]); digits == "" || more != "" {
		return "", 0, false
	}
	line, err := strconv.Atoi(rest[colon+1:])
	return rest[:colon], line, err == nil
}

func cutIndent(text string) (rest string, ok bool) {
	rest = strings.TrimLeft(text, " ")
	spaces := len(text) - len(rest)
	if spaces == 0 {
		rest, ok = strings.CutPrefix(text, "\t")
	} else {
		ok = 4 <= spaces && spaces <= 8
	}
	return rest, ok && rest != "" && !isSpace(rest[0])
}

// cutLastWord cuts the last word off if it is the mark and a hexadecimal number.
func cutLastWord(text, mark string) string {
	space := strings.LastIndexByte(text, ' ')
	digits, marked := strings.CutPrefix(text[space+1:], mark)
	if space < 0 || !marked || digits == "" {
		return text
	}
	for _, c := range []byte(digits) {
		if !isHex(c) {
			return text
		}
	}
	return text[:space]
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' }

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// cutWord reads a word among the arguments of a call, and reports whether it may be an
// address. A word with "?" is whatever stood in the register's place: no value at all.
func cutWord(text string) (value uint64, ok bool) {
	digits, ok := strings.CutPrefix(strings.Trim(text, "{}"), "0x")
	if !ok || digits == "" || len(digits) > 16 {
		return 0, false
	}
	for _, c := range []byte(digits) {
		switch {
		case '0' <= c && c <= '9':
			value = value<<4 | uint64(c-'0')
		case 'a' <= c && c <= 'f':
			value = value<<4 | uint64(c-'a'+10)
		default:
			return 0, false
		}
	}
	return value, value >= minAddress
}

// minAddress is below any address: the first page is never mapped.
const minAddress = 4096
