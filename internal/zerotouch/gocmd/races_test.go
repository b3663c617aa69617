package gocmd

import (
	"errors"
	"slices"
	"testing"
)

func TestWatchAccesses(t *testing.T) {
	for _, tt := range []struct {
		name, goflags string
		args, want    []string
		refused       bool
	}{
		{"no tags", "", []string{"./a"}, []string{"test", "-toolexec=t", "-count=1", "-tags=race", "./a"}, false},
		{"tags of the user", "", []string{"-tags", "integration,slow", "./a"}, []string{"test", "-toolexec=t", "-count=1", "-tags=integration,slow,race", "./a"}, false},
		{"tags in GOFLAGS", "-tags=slow", []string{"./a"}, []string{"test", "-toolexec=t", "-count=1", "-tags=slow,race", "./a"}, false},
		{"go's own", "", []string{"-race", "./a"}, nil, true},
		{"go's own, assigned", "", []string{"-race=true", "./a"}, nil, true},
		{"go's own, off", "-race", []string{"-race=false", "./a"}, []string{"test", "-toolexec=t", "-count=1", "-tags=race", "-race=false", "./a"}, false},
		{"go's own in GOFLAGS", "-race", []string{"./a"}, nil, true},
		{"another sanitizer", "", []string{"-msan", "./a"}, nil, true},
		{"an argument of the program", "", []string{"./a", "-args", "-race"}, []string{"test", "-toolexec=t", "-count=1", "-tags=race", "./a", "-args", "-race"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Parse("test", tt.args)
			if err != nil {
				t.Fatal(err)
			}
			s := &Settings{GOFLAGS: tt.goflags}
			if err := c.WatchAccesses(s); (err != nil) != tt.refused {
				t.Fatalf("WatchAccesses: %v", err)
			}
			if got := c.Args("t", s); !tt.refused && !slices.Equal(got, tt.want) {
				t.Errorf("arguments %q, want %q", got, tt.want)
			}
		})
	}
	c, err := Parse("run", []string{"-race", "."})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.WatchAccesses(&Settings{}); !errors.Is(err, ErrBothRaces) {
		t.Errorf("both detectors: %v", err)
	}
}
