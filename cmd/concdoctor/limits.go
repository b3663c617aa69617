package main

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/concdoctor/concdoctor/internal/zerotouch/verdict"
)

// limits is the flags of the rules about locks that are held, and waited for, for long. The
// environment variable of the agent serves where they are not given.
type limits struct{ hold, wait limit }

func newLimits(flags *pflag.FlagSet) *limits {
	l := new(limits)
	flags.Var(&l.hold, "hold-limit", "report a lock that a goroutine holds for longer than this `duration` while another one waits; off for never")
	flags.Var(&l.wait, "wait-limit", "report a goroutine that waits for longer than this `duration` for a lock that changes hands; off for never")
	return l
}

// of returns the limits, from the flags or the environment.
func (l *limits) of() verdict.Limits {
	known := environmentLimits(os.Getenv("CONCDOCTOR"))
	return verdict.Limits{Hold: cmp.Or(time.Duration(l.hold), known.Hold), Wait: cmp.Or(time.Duration(l.wait), known.Wait)}
}

// environmentLimits reads hold_limit=2m wait_limit=off among the options of the agent, which
// itself complains about what cannot be read.
func environmentLimits(text string) (l verdict.Limits) {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' }) {
		key, value, _ := strings.Cut(word, "=")
		var d limit
		if d.Set(value) != nil {
			continue
		}
		switch key {
		case "hold_limit":
			l.Hold = time.Duration(d)
		case "wait_limit":
			l.Wait = time.Duration(d)
		}
	}
	return l
}

// limit is a duration, negative for none, as a flag.
type limit time.Duration

const off limit = -1

func (l *limit) String() string {
	switch *l {
	case 0:
		return verdict.DefaultLimit.String()
	case off:
		return "off"
	}
	return time.Duration(*l).String()
}

func (l *limit) Type() string { return "duration" }

func (l *limit) Set(text string) error {
	if text == "off" {
		*l = off
		return nil
	}
	d, err := time.ParseDuration(text)
	switch {
	case err != nil || d < 0:
		return fmt.Errorf("%q is neither a duration such as 2m nor off", text)
	case d == 0:
		d = time.Duration(off)
	}
	*l = limit(d)
	return nil
}
