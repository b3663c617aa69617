package finding

import (
	"fmt"
	"strings"
)

// Plural writes a number with its noun: "1 wait", "2 waits", "3 processes".
func Plural[N ~int | ~int64](n N, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "s"):
		return fmt.Sprintf("%d %ses", n, noun)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
