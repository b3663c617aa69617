package profile

import "encoding/binary"

// message is an encoded protocol buffer message.
type message []byte

// The wire types that are used.
const (
	wireVarint = 0
	wireBytes  = 2
)

func (m message) varint(v uint64) message { return binary.AppendUvarint(m, v) }

func (m message) field(number, wire uint64) message { return m.varint(number<<3 | wire) }

// int adds a number, unless it is 0: that is what its absence says.
func (m *message) int(number uint64, v int64) {
	if v != 0 {
		*m = m.field(number, wireVarint).varint(uint64(v))
	}
}

// bytes adds an inner message or packed numbers, also if empty.
func (m *message) bytes(number uint64, inner message) {
	*m = append(m.field(number, wireBytes).varint(uint64(len(inner))), inner...)
}
