package main

import (
	"fmt"

	"github.com/spf13/pflag"

	"github.com/concdoctor/concdoctor/internal/zerotouch/inject"
)

// racesFlag adds the flag that watches accesses to memory.
func racesFlag(flags *pflag.FlagSet, races *bool) {
	flags.BoolVar(races, "races", false, "find data races too: every access to memory is watched (in place of the go command's -race; needs no C compiler)")
}

// watchAccesses makes the call one that builds programs which watch their accesses to memory.
func (g *goCall) watchAccesses(command string) error {
	s := g.settings
	if !inject.RacesAvailable(s.GOOS, s.GOARCH) {
		return fmt.Errorf("--races is not available for %s/%s: it needs a recording, which there is on linux/amd64 and linux/arm64; the go command's own -race, without --races, may work", s.GOOS, s.GOARCH)
	}
	g.races = true
	if err := g.command.WatchAccesses(s); err != nil {
		return usagef(command, "%v", err)
	}
	return nil
}
