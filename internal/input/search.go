package input

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"unicode/utf8"
)

const (
	// maxScanBytes bounds the search through a text file, maxKeptBytes that through a
	// pipe, which has to be kept in memory meanwhile, at keptFactor times its size as it
	// grows. Test logs are rarely larger.
	maxScanBytes = 4 << 30
	maxKeptBytes = 64 << 20
	keptFactor   = 4
	// overlap is how much of one part of a text is shown again with the next: it is longer
	// than anything that is searched for.
	overlap = 300
)

// IsText reports whether b reads as text: valid UTF-8 but for a rune cut at
// the end, and no control characters that text does not have.
func IsText(b []byte) bool {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return len(b)-i < utf8.UTFMax && !utf8.FullRune(b[i:])
		}
		if r < ' ' && !bytes.ContainsRune([]byte("\t\n\r\f\b\x1b"), r) {
			return false
		}
		i += n
	}
	return len(b) > 0
}

// Search calls visit with the content part by part, until visit returns true or the
// content ends. R begins at the first byte again then.
func (in *Input) Search(visit func(part []byte) (done bool)) error {
	br := in.plain.r
	f, ok := in.raw.r.(*os.File)
	if !ok || in.Size == 0 {
		var kept bytes.Buffer
		err := visitParts(io.TeeReader(io.LimitReader(br, in.Budget(maxKeptBytes, keptFactor)), &kept), visit)
		in.plain.r = bufio.NewReaderSize(io.MultiReader(&kept, br), HeadBytes)
		return err
	}
	if err := visitParts(io.LimitReader(br, maxScanBytes), visit); err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	in.raw.n.Store(0)
	again, err := in.decompressed(f)
	in.plain.r = again
	return err
}

func visitParts(r io.Reader, visit func(part []byte) (done bool)) error {
	buf := make([]byte, HeadBytes)
	kept := 0 // bytes of the last read
	for {
		n, err := r.Read(buf[kept:])
		part := buf[:kept+n]
		if visit(part) || err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		kept = copy(buf, part[max(0, len(part)-overlap):])
	}
}
