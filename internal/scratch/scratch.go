package scratch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

const (
	// ample is how much room is enough for most commands: some dozens of tapes of mostly
	// 1 to 30 MB.
	ample = 1 << 30
	// prefix is what the names of all directories begin with, before what they are for.
	prefix = "concdoctor-"
	// tapes is what directories for tapes are for; the recorder knows the name, too.
	tapes = "tapes"
	// young is the least age at which a directory that no process has locked is removed:
	// another command may just be about to lock it.
	young = time.Minute
)

// ours are the names of the directories, with what they are for. Others' begin so, too.
var ours = regexp.MustCompile(`^` + prefix + `(tapes|build|record|doctor|race|demo)-[0-9]+$`)

// Dir is a directory that is locked.
type Dir struct {
	Path string
	lock *os.File // nil where there are no locks
}

// Make makes a directory for temporary files; what it is for is build, record, doctor, race or
// demo. Those that killed commands have left are removed meanwhile.
func Make(what string) (*Dir, error) {
	sweep(os.TempDir())
	return makeIn(os.TempDir(), what)
}

// MakeForTapes makes a directory for tapes where there is room for them. Those that killed
// commands have left are removed before.
func MakeForTapes() (*Dir, error) { return makeForTapesIn(places()) }

func makeForTapesIn(places []string) (*Dir, error) {
	for _, place := range places {
		sweep(place)
	}
	return makeIn(choose(places), tapes)
}

func makeIn(place, what string) (*Dir, error) {
	path, err := os.MkdirTemp(place, prefix+what+"-")
	if err != nil {
		return nil, fmt.Errorf("creating a directory for temporary files: %w", err)
	}
	// Without a lock the directory is as good; after a while another command may take it
	// for a forgotten one.
	d := &Dir{Path: path}
	d.lock, _ = lock(path)
	return d, nil
}

// Remove removes the directory and all that is in it.
func (d *Dir) Remove() error {
	err := os.RemoveAll(d.Path)
	if d.lock != nil {
		err = errors.Join(err, d.lock.Close())
	}
	return err
}

// choose returns the first place with ample room, or the one with most.
func choose(places []string) string {
	best, most := os.TempDir(), uint64(0)
	for _, place := range places {
		switch free := free(place); {
		case free >= ample:
			return place
		case free > most:
			best, most = place, free
		}
	}
	return best
}

// sweep removes what was left behind. What cannot be removed belongs to another user.
func sweep(place string) {
	left, err := filepath.Glob(filepath.Join(place, prefix+"*"))
	if err != nil {
		return
	}
	for _, path := range left {
		info, err := os.Lstat(path)
		if !ours.MatchString(filepath.Base(path)) {
			continue
		}
		if err != nil || !info.IsDir() || time.Since(info.ModTime()) < young {
			continue
		}
		if l, err := lock(path); err == nil && l != nil {
			_ = os.RemoveAll(path)
			_ = l.Close()
		}
	}
}
