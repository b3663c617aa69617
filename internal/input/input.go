package input

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/concdoctor/concdoctor/internal/memory"
)

// Stdin is the name by which a user asks for standard input.
const Stdin = "-"

// HeadBytes is how much of an input is looked at first. Every header lies within a few
// dozen bytes; a profile's string table may lie further.
const HeadBytes = 64 << 10

var gzipMagic = []byte{0x1f, 0x8b}

// Input is one opened input. Its reader belongs to one goroutine at a time; Offset and
// Progress may be called from any.
type Input struct {
	// Name is the path as the user gave it, "standard input" for "-", a URL without
	// its password.
	Name string
	// Size is the size of the file or answer in bytes, compressed if it is; 0 if not known.
	Size int64
	// Fetched says that it came from a URL.
	Fetched bool
	// R yields the content from its first byte, decompressed and buffered.
	R io.Reader

	limit *memory.Limit

	file    io.Closer // nil for standard input
	zipped  bool
	raw     counter // bytes of the file
	plain   counter // bytes that R handed out
	checkAt int64   // of plain, when memory is looked at next

	head    []byte
	headErr error // what stopped the reading of the head; nil at the end of the content
}

// counter counts the bytes read through it.
type counter struct {
	r io.Reader
	n atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// Options are what Open needs beside a name. The zero value reads files.
type Options struct {
	// Stdin is what "-" reads; nil reads as empty.
	Stdin io.Reader
	// Timeout is how long a server may take; 0 is DefaultTimeout.
	Timeout time.Duration
	// Limit is how much memory reading may take; nil is no limit.
	Limit *memory.Limit
}

// Open opens the file name, or stdin for "-", or fetches an http or https URL until
// ctx is cancelled. The errors name the input, say what is wrong with it and what to do
// next.
func Open(ctx context.Context, name string, opts Options) (*Input, error) {
	in, err := open(ctx, name, opts)
	if in != nil {
		in.limit = opts.Limit
	}
	return in, err
}

func open(ctx context.Context, name string, opts Options) (*Input, error) {
	if name == Stdin {
		stdin := opts.Stdin
		if stdin == nil {
			stdin = strings.NewReader("")
		}
		return New("standard input", stdin)
	}
	if IsURL(name) {
		return openURL(ctx, name, cmp.Or(opts.Timeout, DefaultTimeout))
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, explainOpen(name, err)
	}
	in := &Input{Name: name, file: f}
	if err := in.openFile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return in, nil
}

// New returns an input of that name that reads from r.
func New(name string, r io.Reader) (*Input, error) {
	in := &Input{Name: name}
	return in, in.begin(r)
}

func openURL(ctx context.Context, name string, limit time.Duration) (*Input, error) {
	content, length, err := Fetch(ctx, name, limit)
	if err != nil {
		return nil, err
	}
	in := &Input{Name: name, file: content, Size: max(length, 0), Fetched: true}
	if u, err := url.Parse(name); err == nil {
		in.Name = u.Redacted()
	}
	if err := in.begin(content); err != nil {
		return nil, errors.Join(err, in.Close())
	}
	return in, nil
}

func (in *Input) openFile(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("opening %s: %w", in.Name, err)
	}
	if info.IsDir() {
		return &UnknownError{Name: in.Name, Looks: "a directory", Next: "name the files in it, as in: concdoctor analyze " + in.Name + "/*"}
	}
	if info.Mode().IsRegular() {
		in.Size = info.Size()
	}
	return in.begin(f)
}

// begin sets R and the head.
func (in *Input) begin(r io.Reader) error {
	br, err := in.decompressed(r)
	if err != nil {
		return err
	}
	head, err := br.Peek(HeadBytes)
	if err != io.EOF {
		in.headErr = err
	}
	in.head = bytes.Clone(head)
	in.plain.r = br
	in.R = (*content)(in)
	return nil
}

// checkEvery is how much is read before memory is looked at: a reader makes ten times as
// much of it at worst.
const checkEvery = 256 << 10

// content is the reader of an input. It fails once memory is used up, so that whatever
// reads it stops.
type content Input

func (c *content) Read(p []byte) (int, error) {
	if c.limit != nil && c.plain.n.Load() >= c.checkAt {
		c.checkAt = c.plain.n.Load() + checkEvery
		if err := c.limit.Check(0); err != nil {
			return 0, err
		}
	}
	return c.plain.Read(p)
}

// Limit is how much memory reading may take, for readers that do not read from R alone.
func (in *Input) Limit() *memory.Limit { return in.limit }

// decompressed returns a reader of the content behind any gzip.
func (in *Input) decompressed(r io.Reader) (*bufio.Reader, error) {
	in.raw.r = r
	br := bufio.NewReaderSize(&in.raw, HeadBytes)
	magic, err := br.Peek(len(gzipMagic))
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("reading %s: %w", in.Name, err)
	}
	if in.zipped = bytes.Equal(magic, gzipMagic); !in.zipped {
		return br, nil
	}
	zr, err := gzip.NewReader(br)
	if err != nil {
		return nil, in.damagedGzip()
	}
	return bufio.NewReaderSize(zr, HeadBytes), nil
}

func (in *Input) damagedGzip() error {
	return &UnknownError{Name: in.Name, Looks: "a damaged or truncated gzip file", Next: NextAgain}
}

// Head returns the first bytes of the content, decompressed: up to HeadBytes. The error
// is what stopped the reading before; a reader that knows what to do with the head will
// meet it again.
func (in *Input) Head() ([]byte, error) {
	switch {
	case in.headErr == nil:
		return in.head, nil
	case in.zipped:
		return in.head, in.damagedGzip()
	}
	return in.head, fmt.Errorf("reading %s: %w", in.Name, in.headErr)
}

// Offset returns how many bytes R has handed out, after decompression: the byte
// offset to name in an error about the content.
func (in *Input) Offset() int64 { return in.plain.n.Load() }

// Progress returns how many bytes of the file were read and how many there are;
// total is 0 if not known.
func (in *Input) Progress() (done, total int64) { return in.raw.n.Load(), in.Size }

// Took says that the content was read up to the offset by other means than R.
func (in *Input) Took(offset int64) {
	in.raw.n.Store(offset)
	in.plain.n.Store(offset)
}

// Bytes returns the size of the input: of the file where it is known, else what
// was read of it so far.
func (in *Input) Bytes() int64 { return max(in.Size, in.raw.n.Load()) }

// Budget is how many bytes of the content a reader may take that holds it as a
// whole, at factor times its size: at most usual, and less if memory is limited.
func (in *Input) Budget(usual, factor int64) int64 {
	if in.limit == nil {
		return usual
	}
	return min(usual, in.limit.Bytes()/factor)
}

// File returns the file that holds the content as it is, nil if there is none: for
// standard input, a URL, a compressed file and what is no regular file.
func (in *Input) File() *os.File {
	if f, ok := in.file.(*os.File); ok && !in.zipped && in.Size > 0 {
		return f
	}
	return nil
}

// Close closes the file. It leaves standard input open, which is the caller's.
func (in *Input) Close() error {
	if in.file == nil {
		return nil
	}
	return in.file.Close()
}
