package main

import (
	"slices"

	"github.com/spf13/pflag"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// known is the flags for findings that are known or not wanted.
type known struct {
	suppress      []string
	files         []string // of suppressions
	baseline      string
	writeBaseline string
}

func newKnown(flags *pflag.FlagSet) *known {
	k := new(known)
	flags.StringArrayVar(&k.suppress, "suppress", nil, "do not report findings of this `RULE[:FUNC]`; may be repeated")
	flags.StringArrayVar(&k.files, "suppress-file", nil, "do not report findings that this `file` of patterns matches; may be repeated")
	flags.StringVar(&k.baseline, "baseline", "", "do not report findings that this `file` lists as known")
	flags.StringVar(&k.writeBaseline, "write-baseline", "", "add the reported findings to this `file` of known ones")
	return k
}

// check refuses meaningless flags before any work is done.
func (k *known) check(command string) error {
	for _, s := range k.suppress {
		if _, err := finding.ParseSuppression(s); err != nil {
			return usagef(command, "%v", err)
		}
	}
	return nil
}

// suppressFiles returns the files of suppressions and the baseline, unless the baseline is
// to be written and does not exist yet.
func (k *known) suppressFiles() []string {
	return slices.Concat(k.files, finding.BaselineFiles(k.baseline, k.writeBaseline))
}

func (k *known) addToBaseline(rep *finding.Report) error {
	if k.writeBaseline == "" {
		return nil
	}
	return finding.AppendBaseline(k.writeBaseline, rep.Findings...)
}
