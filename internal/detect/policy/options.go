package policy

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Options are agent.Options, which says what each does.
type Options struct {
	Output                 io.Writer
	JSON                   bool
	Logger                 *slog.Logger
	MinCertainty           finding.Certainty
	Suppress               []string
	SuppressFile, Baseline string
	WriteBaseline          string
	HaltCode               int
	Ordered                OrderPolicy
	ForeignUnlock          bool
	SelfWait               time.Duration
	HoldLimit, WaitLimit   time.Duration
	MaxMemory              int64
	Statistics             bool
	Off                    bool
}

// OrderPolicy is documented at agent.OrderPolicy.
type OrderPolicy uint8

const (
	SilentOrdered OrderPolicy = iota
	ReportOrdered
)

// UnmarshalText reads "silent" or "report".
func (o *OrderPolicy) UnmarshalText(text []byte) error {
	switch string(text) {
	case "silent":
		*o = SilentOrdered
	case "report":
		*o = ReportOrdered
	default:
		return fmt.Errorf("want silent or report")
	}
	return nil
}

// EnvironmentVariable names the variable with options for a program that is not to be
// changed, in the manner of GORACE: words separated by spaces or commas.
const EnvironmentVariable = "CONCDOCTOR"

// defaultSelfWait is longer than a hand-off between goroutines takes on a loaded machine,
// and shorter than people wait before they look.
const defaultSelfWait = time.Second

// defaultLimit is what people call too long: programs that give up waiting for a lock do so
// after half a minute mostly.
const defaultLimit = 30 * time.Second

// defaultMaxMemory is for some ten thousand ways to take locks.
const defaultMaxMemory = 32 << 20

// readSize reads a number of bytes with a unit, such as 32MB. The units are powers of 1,024.
func readSize(value string) (bytes int64, err error) {
	for i, unit := range []string{"KB", "MB", "GB"} {
		if digits, ok := strings.CutSuffix(value, unit); ok {
			n, err := strconv.ParseInt(digits, 10, 32)
			if err == nil && n <= 0 {
				err = fmt.Errorf("want more than nothing")
			}
			return n << (10 * (i + 1)), err
		}
	}
	return 0, fmt.Errorf("want KB, MB or GB")
}

// noLimit is what "off" means.
const noLimit = -1

// readLimit reads a duration, or "off".
func readLimit(value string) (time.Duration, error) {
	if value == "off" {
		return noLimit, nil
	}
	d, err := time.ParseDuration(value)
	if d == 0 {
		d = noLimit
	}
	return d, err
}

// WithDefaults returns o with defaults in place of zero values.
func (o Options) WithDefaults() Options {
	if o.SelfWait <= 0 {
		o.SelfWait = defaultSelfWait
	}
	for _, limit := range []*time.Duration{&o.HoldLimit, &o.WaitLimit} {
		if *limit == 0 {
			*limit = defaultLimit
		}
	}
	if o.MaxMemory <= 0 {
		o.MaxMemory = defaultMaxMemory
	}
	o.Suppress = slices.Clone(o.Suppress)
	return o
}

// ParseEnvironment reads, for instance, "format=json output=/tmp/findings
// suppress=lock-cycle:bank.Move min=potential halt=66". It ignores words that it cannot
// read, and names them in the error.
func ParseEnvironment(text string) (Options, error) {
	var o Options
	var bad []string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' }) {
		if err := o.set(word); err != nil {
			bad = append(bad, err.Error())
		}
	}
	if bad != nil {
		return o, fmt.Errorf("%s (known: off=1 output=stderr|none|FILE format=text|json min=CERTAINTY suppress=RULE[:FUNC] suppress_file=FILE baseline=FILE write_baseline=FILE foreign_unlock=1 stats=1 halt=STATUS ordered=silent|report self_wait=DURATION hold_limit=DURATION|off wait_limit=DURATION|off max_memory=SIZE)", strings.Join(bad, "; "))
	}
	return o, nil
}

func (o *Options) set(word string) (err error) {
	key, value, _ := strings.Cut(word, "=")
	switch key {
	case "off":
		o.Off, err = strconv.ParseBool(value)
	case "foreign_unlock":
		o.ForeignUnlock, err = strconv.ParseBool(value)
	case "stats":
		o.Statistics, err = strconv.ParseBool(value)
	case "output":
		o.Output, err = openOutput(value)
	case "format":
		o.JSON = value == "json"
		if value != "json" && value != "text" {
			err = fmt.Errorf("want text or json")
		}
	case "min":
		err = o.MinCertainty.UnmarshalText([]byte(value))
	case "suppress":
		if _, err = finding.ParseSuppression(value); err == nil {
			o.Suppress = append(o.Suppress, value)
		}
	case "suppress_file":
		o.SuppressFile = value
	case "baseline":
		o.Baseline = value
	case "write_baseline":
		o.WriteBaseline = value
	case "halt":
		o.HaltCode, err = strconv.Atoi(value)
	case "ordered":
		err = o.Ordered.UnmarshalText([]byte(value))
	case "self_wait":
		o.SelfWait, err = time.ParseDuration(value)
	case "hold_limit":
		o.HoldLimit, err = readLimit(value)
	case "wait_limit":
		o.WaitLimit, err = readLimit(value)
	case "max_memory":
		o.MaxMemory, err = readSize(value)
	default:
		return fmt.Errorf("unknown option %q", word)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", word, err)
	}
	return nil
}

// openOutput opens a file for appending, so that several processes of a program can share
// it.
func openOutput(value string) (io.Writer, error) {
	switch value {
	case "stderr", "":
		return nil, nil
	case "none":
		return io.Discard, nil
	}
	return os.OpenFile(value, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
}
