package hunt

import (
	"regexp"
	"strings"
)

// Command is the command line of a hunt.
type Command struct {
	// Name is what stands before its flags, as in "concdoctor test".
	Name string
	// Args are the arguments of the go command.
	Args []string
}

// with is the command with these flags in place of the hunt's, for a shell.
func (c Command) with(flags string) string {
	if c.Name == "" {
		return flags
	}
	words := []string{c.Name, flags}
	for _, a := range c.Args {
		words = append(words, quoted(a))
	}
	return strings.Join(words, " ")
}

// plainWord is a word that a shell takes as it is.
var plainWord = regexp.MustCompile(`^[\w@%+=:,./-]+$`)

func quoted(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
