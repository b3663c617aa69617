package gocmd

import (
	"errors"
	"strconv"
)

// ErrBothRaces says that two race detectors are asked for.
var ErrBothRaces = errors.New("--races and the go command's -race exclude each other: each brings a race detector; leave -race out")

// WatchAccesses makes the go command select what belongs to race detection: the files with the
// build tag race. It does not set -race, which wants a C compiler. Options.Races does the rest.
func (c *Command) WatchAccesses(s *Settings) error {
	for _, name := range []string{"race", "msan", "asan"} {
		value, inFlags := s.flag(name)
		if given, has := c.flags[name]; has {
			value, inFlags = given, true
		}
		switch on, err := strconv.ParseBool(value); {
		case !inFlags, err == nil && !on:
		case name == "race":
			return ErrBothRaces
		default:
			return errors.New("--races and the go command's -" + name + " exclude each other")
		}
	}
	tags := c.value("tags", s)
	if tags != "" {
		tags += ","
	}
	c.drop("tags")
	c.ours = append(c.ours, "-tags="+tags+"race")
	return nil
}
