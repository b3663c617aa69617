package tracefile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
)

// slack is how many bytes behind a batch may be read: an event's type, time and
// four arguments of at most ten bytes, and a word.
const slack = 64

var errVarint = errors.New("a number runs beyond its batch")

// cutter takes numbers off the front of a batch, whose bytes are followed by slack
// more. A number that is no number leaves pos behind every end.
type cutter struct {
	data []byte
	pos  int
	end  int // of the batch, without the slack
}

// uvarint takes one number. Most are of one byte.
func (c *cutter) uvarint() uint64 {
	if b := c.data[c.pos]; b < 0x80 {
		c.pos++
		return uint64(b)
	}
	return c.long()
}

// long takes a number of two or more bytes without a branch a byte: a branch that
// depends on how many there are is mispredicted every other time.
func (c *cutter) long() uint64 {
	x := binary.LittleEndian.Uint64(c.data[c.pos:])
	stop := ^x & 0x8080808080808080
	if stop == 0 {
		return c.longest()
	}
	c.pos += bits.TrailingZeros64(stop)/8 + 1
	x &= stop ^ (stop - 1) // what belongs to the number
	x = x&0x007f007f007f007f | x&0x7f007f007f007f00>>1
	x = x&0x00003fff00003fff | x&0x3fff00003fff0000>>2
	return x&0x000000000fffffff | x&0x0fffffff00000000>>4
}

// longest takes a number of nine or ten bytes.
func (c *cutter) longest() uint64 {
	v, n := binary.Uvarint(c.data[c.pos:])
	if n <= 0 {
		c.pos = c.end + 1
		return 0
	}
	c.pos += n
	return v
}

// more reports whether the batch has more to take. It fails if a number ran over its end.
func (c *cutter) more() (bool, error) {
	if c.pos > c.end {
		return false, errVarint
	}
	return c.pos < c.end, nil
}

// next is more in a batch that holds but one kind of event, and takes the kind.
func (c *cutter) next(want kind, what string) (bool, error) {
	if more, err := c.more(); !more || err != nil {
		return false, err
	}
	if k := kind(c.data[c.pos]); k != want {
		return false, fmt.Errorf("found event %d among %s", k, what)
	}
	c.pos++
	return true, nil
}

// bytes takes the next n bytes, nil if there are fewer.
func (c *cutter) bytes(n uint64) []byte {
	if c.pos > c.end || n > uint64(c.end-c.pos) {
		c.pos = c.end + 1
		return nil
	}
	b := c.data[c.pos : c.pos+int(n)]
	c.pos += int(n)
	return b
}
