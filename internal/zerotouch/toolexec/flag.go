package toolexec

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Command is the hidden subcommand of concdoctor that the go command calls.
const Command = "__toolexec"

// CommandForRaces is the one that also watches accesses to memory.
const CommandForRaces = "__toolexec_races"

// none stands for no directory of marks.
const none = "-"

// Config is what stays the same for all calls of a build.
type Config struct {
	// Marks is the directory in which marks are left; "" leaves none.
	Marks string
	// Chain is the user's own -toolexec, in words; nil is none.
	Chain []string
	// Races says that accesses to memory are watched: see CommandForRaces.
	Races bool
}

// Flag returns the value for the go command's flag -toolexec; program is the path of
// concdoctor. It fails for a path that cannot be passed to the go command.
func Flag(program string, config Config) (string, error) {
	marks := config.Marks
	if marks == "" {
		marks = none
	}
	command := Command
	if config.Races {
		command = CommandForRaces
	}
	words := append([]string{program, command, marks, strconv.Itoa(len(config.Chain))}, config.Chain...)
	return Join(words)
}

// Join writes words as the go command reads them in -toolexec and GOFLAGS: separated by
// spaces, in quotes where they contain some. There is no way to write a word with both
// kinds of quotes.
func Join(words []string) (string, error) {
	var quoted []string
	for _, w := range words {
		switch {
		case w != "" && !strings.ContainsAny(w, " \t\r\n'\""):
		case !strings.Contains(w, "'"):
			w = "'" + w + "'"
		case !strings.Contains(w, `"`):
			w = `"` + w + `"`
		default:
			return "", fmt.Errorf("cannot pass %q to the go command: it contains both kinds of quotes", w)
		}
		quoted = append(quoted, w)
	}
	return strings.Join(quoted, " "), nil
}

// Split is what the go command does to -toolexec and GOFLAGS: words are separated by
// spaces, and a word that begins with a quote ends at the next one. There are no escapes.
func Split(text string) ([]string, error) {
	var words []string
	for {
		text = strings.TrimLeft(text, " \t\r\n")
		if text == "" {
			return words, nil
		}
		if quote := text[0]; quote == '"' || quote == '\'' {
			end := strings.IndexByte(text[1:], quote)
			if end < 0 {
				return nil, fmt.Errorf("no closing quote: %s", text)
			}
			words = append(words, text[1:1+end])
			text = text[end+2:]
			continue
		}
		end := strings.IndexAny(text, " \t\r\n")
		if end < 0 {
			end = len(text)
		}
		words = append(words, text[:end])
		text = text[end:]
	}
}

// call is one command line of the go command.
type call struct {
	Config
	tool string
	args []string
}

func parseCall(args []string) (*call, error) {
	const usage = "called by the go command as -toolexec, not by people"
	if len(args) < 3 {
		return nil, errors.New(usage)
	}
	c := &call{}
	if args[0] != none {
		c.Marks = args[0]
	}
	n, err := strconv.Atoi(args[1])
	if err != nil || n < 0 || len(args) < n+3 {
		return nil, errors.New(usage)
	}
	c.Chain, c.tool, c.args = args[2:2+n], args[2+n], args[3+n:]
	return c, nil
}

// words is the command line that runs the tool with these arguments.
func (c *call) words(args []string) []string {
	words := append(append([]string{}, c.Chain...), c.tool)
	return append(words, args...)
}

// value returns the value of a flag that has it in the next argument, or behind an =.
func (c *call) value(flag string) string {
	for i, a := range c.args {
		if a == flag && i+1 < len(c.args) {
			return c.args[i+1]
		}
		if v, ok := strings.CutPrefix(a, flag+"="); ok {
			return v
		}
	}
	return ""
}
