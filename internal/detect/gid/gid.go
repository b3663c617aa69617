package gid

import (
	"bytes"
	"runtime"
	"strconv"
)

// Slow returns the id of the running goroutine from the header that
// runtime.Stack prints ("goroutine 18 [running]:"), 0 if it has another form.
func Slow() uint64 {
	var buf [64]byte
	return parseHeader(buf[:runtime.Stack(buf[:], false)])
}

func parseHeader(text []byte) uint64 {
	text, ok := bytes.CutPrefix(text, []byte("goroutine "))
	if !ok {
		return 0
	}
	digits, _, _ := bytes.Cut(text, []byte(" "))
	id, err := strconv.ParseUint(string(digits), 10, 64)
	if err != nil {
		return 0
	}
	return id
}
