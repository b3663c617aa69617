package hunt

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/zerotouch/verdict"
)

// ConfigVariable is the environment variable through which the go command hands the
// hunt to the process that it starts in place of the program (go test -exec).
const ConfigVariable = "CONCDOCTOR_HUNT"

// Config is a hunt as the command line asks for it.
type Config struct {
	// Runs is how often each program runs at most, Time how long it is repeated; 0 sets
	// no limit. Where both are 0 it runs once.
	Runs int
	Time time.Duration
	// Whole says that the runs go on after something was found.
	Whole bool
	Plan  Plan
	// Dir is for tapes and results. Keep says that the tapes stay there.
	Dir  string
	Keep bool
	// Timeout replaces the tests' own time limit, which the go command would count for
	// all runs together; "" for programs that are no tests.
	Timeout string
	// Command is what repeats a run, with its flags.
	Command Command
	// Suppress and SuppressFiles are as in [verdict.Options].
	Suppress, SuppressFiles []string
	Version                 string
	// Limits are those of [verdict.Options].
	Limits verdict.Limits
}

// Variable returns the configuration as a line of an environment.
func (c *Config) Variable() (string, error) {
	data, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("encoding the hunt: %w", err)
	}
	return ConfigVariable + "=" + string(data), nil
}

// FromEnvironment reads what [Config.Variable] wrote. found is false without any.
func FromEnvironment() (c *Config, found bool, err error) {
	text, found := os.LookupEnv(ConfigVariable)
	if !found {
		return nil, false, nil
	}
	c = new(Config)
	if err := json.Unmarshal([]byte(text), c); err != nil {
		return nil, true, fmt.Errorf("%s: %w", ConfigVariable, err)
	}
	return c, true, nil
}

// Result is how far the hunt in one program has come.
type Result struct {
	Program string
	Runs    int
	// Failed is in how many runs the program failed, Hung how many more were ended since
	// they hung, and Found how many findings there are.
	Failed, Hung, Found int
	// HungIn are the tests that were running in the runs that hung, each once.
	HungIn []string
	Done   bool
	// Report is nil before the first run has ended.
	Report *finding.Report
}

// resultSuffix ends the names of the files that hold results.
const resultSuffix = ".hunt.json"

// write puts the result where [Results] looks for it, in one step.
func (r *Result) write(dir string) error {
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encoding a result: %w", err)
	}
	name := filepath.Join(dir, fmt.Sprintf("%d%s", os.Getpid(), resultSuffix))
	if err := os.WriteFile(name+".part", data, 0o600); err != nil {
		return fmt.Errorf("writing a result: %w", err)
	}
	return os.Rename(name+".part", name)
}

// Results returns what the hunts that use the directory have come to.
func Results(dir string) ([]Result, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*"+resultSuffix))
	if err != nil {
		return nil, err
	}
	var all []Result
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return all, fmt.Errorf("reading a result: %w", err)
		}
		var r Result
		if err := json.Unmarshal(data, &r); err != nil {
			return all, fmt.Errorf("reading %s: %w", name, err)
		}
		all = append(all, r)
	}
	return all, nil
}
