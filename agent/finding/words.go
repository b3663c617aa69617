package finding

import (
	"strconv"
	"strings"
)

// Thousands groups the digits of a number: 1204311 becomes 1,204,311.
func Thousands[N ~int | ~int64](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Plural writes a number with its noun: "1 wait", "1,200 waits", "3 processes".
func Plural[N ~int | ~int64](n N, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "s"), strings.HasSuffix(noun, "x"):
		noun += "e"
	}
	return Thousands(n) + " " + noun + "s"
}

// Times says how often: "once", "3 times".
func Times[N ~int | ~int64](n N) string {
	if n == 1 {
		return "once"
	}
	return Plural(n, "time")
}

// Article writes a lower-case noun with its indefinite article: "a channel", "an input".
func Article(noun string) string {
	if noun != "" && strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

// Join lists words: "a", "a and b", "a, b and c".
func Join(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
