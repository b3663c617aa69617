package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/pflag"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer"
)

// known is the flags that say which findings are known or not wanted.
type known struct {
	suppress      []string
	files         []string // of suppressions
	baseline      string
	writeBaseline string
}

func newKnown(flags *pflag.FlagSet) *known {
	k := new(known)
	flags.StringArrayVar(&k.suppress, "suppress", nil, "do not report this `RULE[:FUNC]`; may be repeated")
	flags.StringArrayVar(&k.files, "suppress-file", nil, "do not report what this `file` of patterns names; may be repeated")
	flags.StringVar(&k.baseline, "baseline", "", "do not report the findings that this `file` says were known")
	flags.StringVar(&k.writeBaseline, "write-baseline", "", "add what is reported to this `file` of known findings")
	return k
}

// check refuses what makes no sense before any work is done.
func (k *known) check(command string) error {
	for _, s := range k.suppress {
		if err := analyzer.CheckSuppress(s); err != nil {
			return usagef(command, "%v", err)
		}
	}
	return nil
}

// suppressFiles are the files of suppressions with the baseline, unless that is the
// one to be written and is not there yet.
func (k *known) suppressFiles() []string {
	if k.baseline == "" {
		return k.files
	}
	if _, err := os.Stat(k.baseline); k.baseline == k.writeBaseline && errors.Is(err, fs.ErrNotExist) {
		return k.files
	}
	return append(k.files, k.baseline)
}

func (k *known) addToBaseline(rep *finding.Report) error {
	if k.writeBaseline == "" {
		return nil
	}
	file, err := os.OpenFile(k.writeBaseline, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("writing baseline: %w", err)
	}
	return errors.Join(finding.WriteBaseline(file, time.Now(), rep.Findings...), file.Close())
}
