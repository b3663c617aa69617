package gocmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/internal/zerotouch/toolexec"
)

// Command is a command line of go test, go run or go build.
type Command struct {
	Name string // "test", "run" or "build"
	// Dir is the value of -C; "" is the current directory.
	Dir string
	// args are the arguments without -C and -toolexec.
	args []argument
	// ours are flags that come before them.
	ours []string
	// flags are the values of the go command's own flags, by name without a dash and
	// without "test."; a flag that is set without a value has "".
	flags map[string]string
}

// argument is a flag with its value, or what is no flag of the go command's.
type argument struct {
	flag  string // its name as in Command.flags, "" for none
	words []string
}

// Parse reads the arguments after the name. It refuses what the go command would, only
// where it has to understand it: a flag that lacks its value.
func Parse(name string, args []string) (*Command, error) {
	c := &Command{Name: name, flags: make(map[string]string)}
	for i := 0; i < len(args); i++ {
		a := args[i]
		flag, value, assigned := strings.Cut(a, "=")
		if !isFlag(flag) {
			if c.endsFlags(a) {
				c.args = append(c.args, argument{words: args[i:]})
				break
			}
			c.args = append(c.args, argument{words: args[i : i+1]})
			continue
		}
		flag = strings.TrimPrefix(strings.TrimLeft(flag, "-"), "test.")
		words := []string{a}
		if !assigned && c.takesValue(flag) {
			if i++; i == len(args) {
				return nil, fmt.Errorf("flag needs an argument: -%s", flag)
			}
			value = args[i]
			words = append(words, value)
		}
		c.flags[flag] = value
		switch flag {
		case "C":
			c.Dir = value
		case "toolexec":
		default:
			c.args = append(c.args, argument{flag, words})
		}
	}
	return c, nil
}

func isFlag(word string) bool {
	return len(word) > 1 && word[0] == '-' && word != "--" && word != "-args" && word != "--args"
}

// endsFlags reports whether no flag of the go command follows a word that is none. go
// test takes flags between and after the packages too.
func (c *Command) endsFlags(word string) bool {
	return c.Name != "test" || word[0] == '-'
}

// Has reports whether the flag is given on the command line.
func (c *Command) Has(flag string) bool {
	_, has := c.flags[flag]
	return has
}

// buildValues and testValues are the flags of the go command that take a value; all
// others are switches, of which the table has those that are known. See
// cmd/go/internal/work/build.go and test/testflag.go.
var (
	buildValues = strings.Fields(`C p asmflags buildmode compiler covermode coverpkg exec gccgoflags gcflags
		installsuffix ldflags mod modfile o overlay pgo pkgdir tags toolexec`)
	testValues = strings.Fields(`bench benchtime blockprofile blockprofilerate count coverprofile cpu cpuprofile
		fuzz fuzzminimizetime fuzztime list memprofile memprofilerate mutexprofile mutexprofilefraction
		outputdir parallel run shuffle skip timeout trace vet`)
	switches = strings.Fields(`a asan artifacts benchmem buildvcs c cover failfast fullpath json linkshared
		modcacherw msan n race short trimpath v work x`)
)

// IsFlag reports whether go test, go run or go build has a flag of that name.
func IsFlag(name string) bool {
	name = strings.TrimPrefix(name, "test.")
	return slices.Contains(buildValues, name) || slices.Contains(testValues, name) || slices.Contains(switches, name)
}

func (c *Command) takesValue(flag string) bool {
	return slices.Contains(buildValues, flag) || c.Name == "test" && slices.Contains(testValues, flag)
}

// Args returns the arguments for the go command with this -toolexec, in the environment
// that the settings describe.
func (c *Command) Args(toolexecFlag string, s *Settings) []string {
	args := []string{c.Name}
	if c.Dir != "" {
		args = append(args, "-C", c.Dir) // must be the first
	}
	args = append(args, "-toolexec="+toolexecFlag)
	if _, inFlags := s.flag("count"); c.Name == "test" && !c.Has("count") && !inFlags {
		args = append(args, "-count=1")
	}
	args = append(args, c.ours...)
	for _, a := range c.args {
		args = append(args, a.words...)
	}
	return args
}

// value is what the flag is set to on the command line or else in GOFLAGS.
func (c *Command) value(name string, s *Settings) string {
	if value, has := c.flags[name]; has {
		return value
	}
	value, _ := s.flag(name)
	return value
}

// chain returns the words of the user's own -toolexec.
func (c *Command) chain(s *Settings) ([]string, error) {
	words, err := toolexec.Split(c.value("toolexec", s))
	if err != nil {
		return nil, fmt.Errorf("reading -toolexec: %w", err)
	}
	return words, nil
}

// RunsPrograms reports whether the command is meant to run what it builds.
func (c *Command) RunsPrograms() bool {
	return c.Name != "build" && !c.Has("c") && !c.Has("n")
}
