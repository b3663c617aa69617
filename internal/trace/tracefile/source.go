package tracefile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// source cuts a trace into batches. It has two implementations: a file mapped into
// memory, and a stream.
type source interface {
	// head returns the head of the next batch without taking it, io.EOF behind the last.
	head() (head, error)
	// body takes the batch of that head and returns its content, with slack bytes of
	// anything behind it in the slice's capacity.
	body(head) ([]byte, error)
	// release says that no body taken before is needed any more.
	release()
	// offset is how many bytes of the trace were taken.
	offset() int64
}

// head is the head of a batch.
type head struct {
	kind       kind
	experiment byte
	generation uint64
	thread     uint64
	time       uint64
	size       int // of the body
	bytes      int // of the head itself
}

// maxHeadBytes is the longest head: two bytes and four numbers.
const maxHeadBytes = 2 + 4*binary.MaxVarintLen64

// errCut is a trace that ends within a batch.
var errCut = fmt.Errorf("reading a batch: %w", io.ErrUnexpectedEOF)

// parseHead reads a head at the start of p, which is cut off at the trace's end.
func parseHead(p []byte) (head, error) {
	h := head{kind: kind(p[0]), bytes: 1}
	switch h.kind {
	case evEndOfGeneration:
		return h, nil
	case evBatch:
	case evExperimental:
		if len(p) < 2 {
			return h, errCut
		}
		h.experiment, h.bytes = p[1], 2
	default:
		return h, fmt.Errorf("found event %d where a batch should begin", h.kind)
	}
	var size uint64
	for _, v := range [...]*uint64{&h.generation, &h.thread, &h.time, &size} {
		x, n := binary.Uvarint(p[h.bytes:])
		switch {
		case n == 0:
			return h, errCut
		case n < 0:
			return h, errors.New("a number in a batch's head has more than 64 bits")
		}
		*v = x
		h.bytes += n
	}
	if size > maxBatchBytes {
		return h, fmt.Errorf("a batch of %d bytes, and %d are the most", size, maxBatchBytes)
	}
	h.size = int(size)
	return h, nil
}

// mapped is a trace in memory.
type mapped struct {
	data []byte
	pos  int
}

func (s *mapped) head() (head, error) {
	if s.pos == len(s.data) {
		return head{}, io.EOF
	}
	return parseHead(s.data[s.pos:min(len(s.data), s.pos+maxHeadBytes)])
}

func (s *mapped) body(h head) ([]byte, error) {
	from := s.pos + h.bytes
	to := from + h.size
	if to > len(s.data) {
		return nil, errCut
	}
	s.pos = to
	if to+slack > len(s.data) { // the last batches
		return append(make([]byte, 0, h.size+slack), s.data[from:to]...), nil
	}
	return s.data[from : to : to+slack], nil
}

func (s *mapped) release()      {}
func (s *mapped) offset() int64 { return int64(s.pos) }

// chunkBytes is the size of the pieces of memory in which a stream's batches lie.
const chunkBytes = 1 << 20

// streamed is a trace that comes through a reader, of which a generation is kept.
type streamed struct {
	r      *bufio.Reader
	taken  int64
	chunks [][]byte // all that were made
	used   int      // of chunks
	room   []byte   // of the last one used
}

func (s *streamed) head() (head, error) {
	p, err := s.r.Peek(maxHeadBytes)
	if len(p) == 0 {
		return head{}, err
	}
	h, bad := parseHead(p)
	if errors.Is(bad, io.ErrUnexpectedEOF) && err != io.EOF {
		return h, err // not cut off, but unreadable
	}
	return h, bad
}

func (s *streamed) body(h head) ([]byte, error) {
	n, err := s.r.Discard(h.bytes)
	s.taken += int64(n)
	if err != nil {
		return nil, err
	}
	b := s.place(h.size)
	n, err = io.ReadFull(s.r, b)
	s.taken += int64(n)
	switch {
	case err == io.EOF, err == io.ErrUnexpectedEOF:
		return nil, errCut
	case err != nil:
		return nil, err
	}
	return b, nil
}

// place returns n bytes of memory with slack behind them.
func (s *streamed) place(n int) []byte {
	if n+slack > len(s.room) {
		if s.used == len(s.chunks) {
			s.chunks = append(s.chunks, make([]byte, chunkBytes))
		}
		s.room = s.chunks[s.used]
		s.used++
	}
	b := s.room[: n : n+slack]
	s.room = s.room[n:]
	return b
}

// release keeps the memory for the next generation, but for a half of it at a time:
// one long generation shall not hold it for ever.
func (s *streamed) release() {
	if n := max(s.used, len(s.chunks)/2); n < len(s.chunks) {
		clear(s.chunks[n:])
		s.chunks = s.chunks[:n]
	}
	s.used, s.room = 0, nil
}

func (s *streamed) offset() int64 { return s.taken }
