package load

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
)

// Stdin is the name by which a user asks for standard input.
const Stdin = "-"

const (
	// headBytes is how much of an input recognition sees at first. Every header lies
	// within a few dozen bytes; a profile's string table may lie further.
	headBytes = 64 << 10
	// maxScanBytes bounds the search for a report in a text file, maxKeptBytes
	// that in a pipe, which has to be kept in memory meanwhile. Test logs are
	// rarely larger.
	maxScanBytes = 4 << 30
	maxKeptBytes = 64 << 20
)

// Input is one opened and recognised input. Its reader belongs to one goroutine
// at a time; Offset and Progress may be called from any.
type Input struct {
	// Name is the path as the user gave it, "standard input" for "-", a URL without
	// its password.
	Name string
	Kind Kind
	// Size is the size of the file or answer in bytes, compressed if it is; 0 if not known.
	Size int64
	// R yields the content from its first byte, decompressed and buffered.
	R io.Reader

	maxMemory int64

	file   io.Closer // nil for standard input
	zipped bool
	raw    counter // bytes of the file
	plain  counter // bytes that R handed out
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

// Offset returns how many bytes R has handed out, after decompression: the byte
// offset to name in an error about the content.
func (in *Input) Offset() int64 { return in.plain.n.Load() }

// Progress returns how many bytes of the file were read and how many there are;
// total is 0 if not known.
func (in *Input) Progress() (done, total int64) { return in.raw.n.Load(), in.Size }

// took says that a file was read up to the offset by other means than R.
func (in *Input) took(offset int64) {
	in.raw.n.Store(offset)
	in.plain.n.Store(offset)
}

// Bytes returns the size of the input: of the file where it is known, else what
// was read of it so far.
func (in *Input) Bytes() int64 { return max(in.Size, in.raw.n.Load()) }

// Close closes the file. It leaves standard input open, which is the caller's.
func (in *Input) Close() error {
	if in.file == nil {
		return nil
	}
	return in.file.Close()
}

// Options are what Open needs beside a name. The zero value reads files.
type Options struct {
	// Stdin is what "-" reads; nil reads as empty.
	Stdin io.Reader
	// Timeout is how long a server may be silent; 0 is DefaultTimeout.
	Timeout time.Duration
	// MaxMemory is how many bytes of memory reading may take; 0 is no limit of the
	// user's.
	MaxMemory int64
}

// Open opens the file name, or stdin for "-", or fetches an http or https URL until
// ctx is cancelled, and recognises its content. The
// errors name the input, say what is wrong with it and what to do next; of an
// input that is readable but none of ours the error is an *UnknownError.
func Open(ctx context.Context, name string, opts Options) (*Input, error) {
	in, err := open(ctx, name, opts)
	if in != nil {
		in.maxMemory = opts.MaxMemory
	}
	return in, err
}

// Budget is how many bytes of the content a reader may take that holds it as a
// whole, at factor times its size: at most usual, and less if memory is limited.
func (in *Input) Budget(usual, factor int64) int64 {
	if in.maxMemory <= 0 {
		return usual
	}
	return min(usual, in.maxMemory/factor)
}

func open(ctx context.Context, name string, opts Options) (*Input, error) {
	if name == Stdin {
		stdin := opts.Stdin
		if stdin == nil {
			stdin = strings.NewReader("")
		}
		in := &Input{Name: "standard input"}
		return in, in.recognise(stdin)
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

func openURL(ctx context.Context, name string, quiet time.Duration) (*Input, error) {
	content, length, err := Fetch(ctx, name, quiet)
	if err != nil {
		return nil, err
	}
	in := &Input{Name: name, file: content, Size: max(length, 0)}
	if u, err := url.Parse(name); err == nil {
		in.Name = u.Redacted()
	}
	if err := in.recognise(content); err != nil {
		var unknown *UnknownError
		if errors.As(err, &unknown) && unknown.Looks == htmlPage {
			unknown.Next = "name one of the pages below it, as in http://HOST/debug/pprof/trace?seconds=5, or take them all: concdoctor record URL"
		}
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
	return in.recognise(f)
}

// recognise sets Kind and R.
func (in *Input) recognise(r io.Reader) error {
	br, head, err := in.decompressed(r)
	if err != nil {
		return err
	}
	kind := sniff(head)
	if kind == Unknown && isText(head) && len(head) == headBytes {
		var found bool
		if br, found, err = in.searchLog(r, br); err != nil {
			return fmt.Errorf("reading %s: %w", in.Name, err)
		}
		if found {
			kind = Log
		}
	}
	if kind == Unknown {
		return unknown(in.Name, head)
	}
	in.Kind = kind
	in.plain.r = br
	in.R = &in.plain
	return nil
}

// decompressed returns a reader of the content behind any gzip and its first bytes.
func (in *Input) decompressed(r io.Reader) (*bufio.Reader, []byte, error) {
	in.raw.r = r
	br := bufio.NewReaderSize(&in.raw, headBytes)
	magic, err := br.Peek(len(gzipMagic))
	if err != nil && err != io.EOF {
		return nil, nil, fmt.Errorf("reading %s: %w", in.Name, err)
	}
	in.zipped = bytes.Equal(magic, gzipMagic)
	if in.zipped {
		zr, err := gzip.NewReader(br)
		if err != nil {
			return nil, nil, in.damagedGzip()
		}
		br = bufio.NewReaderSize(zr, headBytes)
	}
	head, err := br.Peek(headBytes)
	switch {
	case err == nil, err == io.EOF, sniff(head) != Unknown:
		// What stops the stream behind a good head is the reader's to report.
		return br, head, nil
	case in.zipped:
		return nil, nil, in.damagedGzip()
	}
	return nil, nil, fmt.Errorf("reading %s: %w", in.Name, err)
}

func (in *Input) damagedGzip() error {
	return &UnknownError{Name: in.Name, Looks: "a damaged or truncated gzip file", Next: nextAgain}
}

// searchLog looks for a report behind the head of a text and returns a
// reader that starts at the beginning again.
func (in *Input) searchLog(r io.Reader, br *bufio.Reader) (*bufio.Reader, bool, error) {
	if f, ok := r.(*os.File); ok && in.Size > 0 {
		found, err := searchMark(io.LimitReader(br, maxScanBytes))
		if err != nil {
			return br, false, err
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return br, false, err
		}
		in.raw.n.Store(0)
		br, _, err = in.decompressed(f)
		return br, found, err
	}
	var kept bytes.Buffer
	found, err := searchMark(io.TeeReader(io.LimitReader(br, maxKeptBytes), &kept))
	return bufio.NewReaderSize(io.MultiReader(&kept, br), headBytes), found, err
}
