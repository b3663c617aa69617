package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/concdoctor/concdoctor/internal/zerotouch/gocmd"
)

// splitOwn divides the arguments of a command that runs another program into its own
// flags, which come first and have two dashes, and the other program's. Two dashes alone
// end its own. A flag that resembles one of its own and is none of the go command's is
// refused: it would else end there, as "flag provided but not defined".
func splitOwn(flags *pflag.FlagSet, args []string) (own, others []string, err error) {
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "--":
			return args[:i], args[i+1:], nil
		case a == "-h":
			return args[:i+1], nil, nil
		case !strings.HasPrefix(a, "--"):
			return args[:i], args[i:], nil
		}
		name, _, assigned := strings.Cut(a[2:], "=")
		if name == "help" {
			return args[:i+1], nil, nil
		}
		f := flags.Lookup(name)
		if f == nil {
			if near := nearest("--"+name, flagNames(flags)); len(near) > 0 && !gocmd.IsFlag(name) {
				return nil, nil, fmt.Errorf("unknown flag: --%s; did you mean %s? (a flag of the go command or of its program stands after --)", name, strings.Join(near, " or "))
			}
			return args[:i], args[i:], nil
		}
		if !assigned && f.NoOptDefVal == "" {
			i++ // its value; the parser says if there is none
		}
	}
	return slices.Clone(args), nil, nil
}
