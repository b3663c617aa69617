package main

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// The scripts ask the program itself for candidates, so that they stay correct.
var (
	//go:embed completion/concdoctor.bash
	bashScript string
	//go:embed completion/concdoctor.zsh
	zshScript string
	//go:embed completion/concdoctor.fish
	fishScript string
)

var shells = []string{"bash", "zsh", "fish"}

func completionCommand() *command {
	return &command{
		name:  "completion",
		args:  "bash|zsh|fish",
		short: "print a completion script for a shell",
		long: `Completion prints a script that completes commands, flags, their values, and rules.

  bash  source <(concdoctor completion bash)            in ~/.bashrc
  zsh   source <(concdoctor completion zsh)             in ~/.zshrc, after compinit
  fish  concdoctor completion fish > ~/.config/fish/completions/concdoctor.fish`,
		words: func() []string { return shells },
		setup: func(*pflag.FlagSet) action {
			return func(_ context.Context, std *streams, args []string) error {
				if len(args) != 1 || !slices.Contains(shells, args[0]) {
					return usagef("completion", "want one of %s", strings.Join(shells, ", "))
				}
				script := map[string]string{"bash": bashScript, "zsh": zshScript, "fish": fishScript}[args[0]]
				_, err := fmt.Fprint(std.out, script)
				return err
			}
		},
	}
}

// candidatesCommand is what the scripts call: it gets the words of the command
// line so far, the last being the one to complete, and writes one candidate a
// line; none means that files should be offered.
func candidatesCommand() *command {
	return &command{
		name:   "__complete",
		hidden: true,
		setup: func(flags *pflag.FlagSet) action {
			flags.SetInterspersed(false)
			return func(_ context.Context, std *streams, args []string) error {
				return writeCandidates(std.out, args)
			}
		},
	}
}

func writeCandidates(w io.Writer, words []string) error {
	for _, c := range candidates(words) {
		if _, err := fmt.Fprintln(w, c); err != nil {
			return err
		}
	}
	return nil
}

// candidates returns what the last word can become, given those before it.
func candidates(words []string) []string {
	words = joinAssigned(words)
	if len(words) == 0 {
		return commandNames()
	}
	last := words[len(words)-1]
	if len(words) == 1 {
		return withPrefix(commandNames(), last)
	}
	c := lookup(words[0])
	if c == nil {
		return nil
	}
	flags, _ := c.flags()
	if name, value, assigned := strings.Cut(last, "="); assigned && strings.HasPrefix(name, "-") {
		return withPrefix(flagValues(flags, name), value)
	}
	if before := words[len(words)-2]; len(words) > 2 && takesValue(flags, before) {
		return withPrefix(flagValues(flags, before), last)
	}
	if strings.HasPrefix(last, "-") {
		return withPrefix(flagNames(flags), last)
	}
	if c.words == nil {
		return nil
	}
	return withPrefix(c.words(), last)
}

// joinAssigned undoes bash's splitting of --flag=value into three words.
func joinAssigned(words []string) []string {
	var joined []string
	for i := 0; i < len(words); i++ {
		if words[i] != "=" || len(joined) == 0 {
			joined = append(joined, words[i])
			continue
		}
		joined[len(joined)-1] += "="
		if i+1 < len(words) {
			i++
			joined[len(joined)-1] += words[i]
		}
	}
	return joined
}

func lookupFlag(flags *pflag.FlagSet, word string) *pflag.Flag {
	if long, ok := strings.CutPrefix(word, "--"); ok {
		return flags.Lookup(long)
	}
	if len(word) == 2 && word[0] == '-' {
		return flags.ShorthandLookup(word[1:])
	}
	return nil
}

func takesValue(flags *pflag.FlagSet, word string) bool {
	f := lookupFlag(flags, word)
	return f != nil && f.NoOptDefVal == ""
}

func flagValues(flags *pflag.FlagSet, word string) []string {
	f := lookupFlag(flags, word)
	if f == nil {
		return nil
	}
	if c, ok := f.Value.(*choice); ok {
		return c.allowed
	}
	if f.Name == "suppress" {
		return ruleNames()
	}
	return nil
}

func flagNames(flags *pflag.FlagSet) []string {
	names := []string{"--help"}
	flags.VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	return names
}

func withPrefix(words []string, prefix string) []string {
	var fit []string
	for _, w := range words {
		if strings.HasPrefix(w, prefix) {
			fit = append(fit, w)
		}
	}
	return fit
}
