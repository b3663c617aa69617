package main

import (
	"slices"

	"github.com/spf13/pflag"

	"github.com/concdoctor/concdoctor/agent/finding"
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
		if _, err := finding.ParseSuppression(s); err != nil {
			return usagef(command, "%v", err)
		}
	}
	return nil
}

// suppressFiles are the files of suppressions with the baseline, unless that is the
// one to be written and is not there yet.
func (k *known) suppressFiles() []string {
	return slices.Concat(k.files, finding.BaselineFiles(k.baseline, k.writeBaseline))
}

func (k *known) addToBaseline(rep *finding.Report) error {
	if k.writeBaseline == "" {
		return nil
	}
	return finding.AppendBaseline(k.writeBaseline, rep.Findings...)
}
