//go:build !unix

package reader

import (
	"errors"
	"os"
)

// mapFile would map a file into memory. Files are read where it cannot.
func mapFile(*os.File, int64) ([]byte, error) { return nil, errors.ErrUnsupported }

func unmapFile([]byte) {}
