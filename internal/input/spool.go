package input

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// maxSpooled bounds the copy of a stream, with its holes. A recording has some 100 MB.
const maxSpooled = 4 << 30

// ReaderAt returns the content for reading at any offset, and what to call when that is
// over: the file itself, or a copy of the content in a temporary file.
func (in *Input) ReaderAt() (at io.ReaderAt, done func() error, err error) {
	if f := in.File(); f != nil {
		in.Took(in.Size)
		return f, func() error { return nil }, nil
	}
	// What is larger is no input of ours, and must not fill the disk.
	content := io.LimitReader(in.R, maxSpooled+1)
	f, err := os.CreateTemp("", "concdoctor-")
	if err != nil {
		return nil, nil, fmt.Errorf("copying %s: %w", in.Name, err)
	}
	done = func() error { return errors.Join(f.Close(), os.Remove(f.Name())) }
	if os.Remove(f.Name()) == nil { // where that goes, a kill leaves nothing behind
		done = f.Close
	}
	if err := spool(f, content); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("copying %s: %w", in.Name, err), done())
	}
	return f, done, nil
}

// spool copies r into the file. What is zero becomes a hole: a sparse file must not fill
// the disk.
func spool(f *os.File, r io.Reader) error {
	var size int64
	for buf := make([]byte, HeadBytes); ; {
		n, err := io.ReadFull(r, buf)
		if part := buf[:n]; !isZero(part) {
			if _, err := f.WriteAt(part, size); err != nil {
				return err
			}
		}
		if size += int64(n); size > maxSpooled {
			return fmt.Errorf("it is larger than %d GB", maxSpooled>>30)
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return f.Truncate(size)
		default:
			return err
		}
	}
}

func isZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
