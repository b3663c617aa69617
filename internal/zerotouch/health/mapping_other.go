//go:build !unix

package health

import (
	"errors"
	"os"
)

// mapping tries whether records can be written; programs for this system map none.
func mapping() Check {
	f, err := os.CreateTemp("", "concdoctor-")
	if err == nil {
		err = errors.Join(f.Close(), os.Remove(f.Name()))
	}
	if err != nil {
		return Check{Name: "temp dir", Grade: Failed, Text: err.Error(), Hint: "let TMP name a directory that can be written"}
	}
	return Check{Name: "temp dir", Grade: OK, Text: os.TempDir() + " can be written"}
}
