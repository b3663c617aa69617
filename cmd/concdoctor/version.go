package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/pflag"
)

func versionCommand() *command {
	return &command{
		name:  "version",
		short: "print the version",
		long:  "Version prints the version of concdoctor, the commit that it was built from, and the version of Go.",
		words: func() []string { return []string{} },
		setup: func(*pflag.FlagSet) action {
			return func(_ context.Context, std *streams, args []string) error {
				if len(args) > 0 {
					return usagef("version", "want no arguments, got %q", args)
				}
				_, err := fmt.Fprintf(std.out, "concdoctor %s %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
				return err
			}
		},
	}
}

// version is the module's version and, where the build knows it, the commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	text := info.Main.Version
	if text == "" {
		text = "(devel)"
	}
	var revision, modified string
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value[:min(len(s.Value), 12)]
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = "+changes"
		}
	}
	if revision != "" {
		text += " " + revision + modified
	}
	return text
}
