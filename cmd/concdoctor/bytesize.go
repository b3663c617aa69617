package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// byteSize is a flag for a number of bytes, with or without a unit: 300MB, 1.5GiB.
type byteSize int64

// byteUnits are the units by their names in lower case; kB and the like are decimal.
var byteUnits = []struct {
	name  string
	bytes float64
}{
	{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30},
	{"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9},
	{"k", 1e3}, {"m", 1e6}, {"g", 1e9}, {"b", 1},
}

// minByteSize is less than the program takes with a small input.
const minByteSize = 64 << 20

func (b *byteSize) String() string {
	if *b == 0 {
		return ""
	}
	return strconv.FormatInt(int64(*b), 10)
}

func (b *byteSize) Type() string { return "size" }

func (b *byteSize) Set(text string) error {
	number, unit := strings.ToLower(strings.TrimSpace(text)), 1.0
	for _, u := range byteUnits {
		if rest, found := strings.CutSuffix(number, u.name); found {
			number, unit = strings.TrimSpace(rest), u.bytes
			break
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || math.IsNaN(n) || n*unit > math.MaxInt64/2 {
		return fmt.Errorf("want a size, as in 300MB")
	}
	if n*unit < minByteSize {
		return fmt.Errorf("want at least 64MiB, which any analysis needs")
	}
	*b = byteSize(n * unit)
	return nil
}
