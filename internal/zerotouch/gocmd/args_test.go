package gocmd

import (
	"slices"
	"strings"
	"testing"
)

func TestArgs(t *testing.T) {
	const ours = "-toolexec=T"
	tests := []struct {
		name    string
		command string
		args    []string
		goflags string
		want    []string
		chain   []string
		runs    bool
	}{
		{"nothing", "test", nil, "", []string{"test", ours, "-count=1"}, nil, true},
		{"packages and flags", "test", []string{"./a", "-run", "X", "./b", "-v"}, "", []string{"test", ours, "-count=1", "./a", "-run", "X", "./b", "-v"}, nil, true},
		{"a count", "test", []string{"-count", "3", "."}, "", []string{"test", ours, "-count", "3", "."}, nil, true},
		{"a count of the test binary's", "test", []string{"-test.count=3", "."}, "", []string{"test", ours, "-test.count=3", "."}, nil, true},
		{"a count with two dashes", "test", []string{"--count=3", "."}, "", []string{"test", ours, "--count=3", "."}, nil, true},
		{"a count in GOFLAGS", "test", []string{"."}, "-mod=mod -count=3", []string{"test", ours, "."}, nil, true},
		{"a count for the program", "test", []string{".", "-args", "-count=3"}, "", []string{"test", ours, "-count=1", ".", "-args", "-count=3"}, nil, true},
		{"a count that is a value", "test", []string{"-run", "-count", "."}, "", []string{"test", ours, "-count=1", "-run", "-count", "."}, nil, true},
		{"another directory", "test", []string{"-v", "-C", "sub", "."}, "", []string{"test", "-C", "sub", ours, "-count=1", "-v", "."}, nil, true},
		{"another directory, assigned", "build", []string{"-C=sub", "-o", "x"}, "", []string{"build", "-C", "sub", ours, "-o", "x"}, nil, false},
		{"an own toolexec", "build", []string{"-toolexec", "time -p", "-o", "x", "."}, "", []string{"build", ours, "-o", "x", "."}, []string{"time", "-p"}, false},
		{"an own toolexec, assigned", "run", []string{"-toolexec='a b' c", "."}, "", []string{"run", ours, "."}, []string{"a b", "c"}, true},
		{"an own toolexec in GOFLAGS", "run", []string{"."}, "'-toolexec=time -p'", []string{"run", ours, "."}, []string{"time", "-p"}, true},
		{"a flag against GOFLAGS", "run", []string{"-toolexec=x", "."}, "-toolexec=y", []string{"run", ours, "."}, []string{"x"}, true},
		{"flags of the program", "run", []string{"-race", "./cmd", "-toolexec", "x", "-C", "y"}, "", []string{"run", ours, "-race", "./cmd", "-toolexec", "x", "-C", "y"}, nil, true},
		{"a file of the program", "run", []string{"main.go", "-C", "y"}, "", []string{"run", ours, "main.go", "-C", "y"}, nil, true},
		{"switches take no value", "run", []string{"-race", "-C", "sub", "."}, "", []string{"run", "-C", "sub", ours, "-race", "."}, nil, true},
		{"unknown flags", "test", []string{"-mine", "x", "-count=2"}, "", []string{"test", ours, "-mine", "x", "-count=2"}, nil, true},
		{"compiled only", "test", []string{"-c", "-o", "x", "."}, "", []string{"test", ours, "-count=1", "-c", "-o", "x", "."}, nil, false},
		{"two dashes", "run", []string{"--", "-C", "x"}, "", []string{"run", ours, "--", "-C", "x"}, nil, true},
		{"profiles", "test", []string{"-json", "-cover", "-coverprofile", "c.out", "-exec", "time -p", "-vet", "off", "."}, "", []string{"test", ours, "-count=1", "-json", "-cover", "-coverprofile", "c.out", "-exec", "time -p", "-vet", "off", "."}, nil, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Parse(tt.command, tt.args)
			if err != nil {
				t.Fatal(err)
			}
			s := &Settings{GOFLAGS: tt.goflags}
			if got := c.Args("T", s); !slices.Equal(got, tt.want) {
				t.Errorf("go %q\nwant %q", got, tt.want)
			}
			if got, err := c.chain(s); err != nil || !slices.Equal(got, tt.chain) {
				t.Errorf("chain %q, %v, want %q", got, err, tt.chain)
			}
			if c.RunsPrograms() != tt.runs {
				t.Errorf("RunsPrograms = %v", c.RunsPrograms())
			}
		})
	}
	if _, err := Parse("test", []string{"-run"}); err == nil || err.Error() != "flag needs an argument: -run" {
		t.Errorf("a flag without its value: %v", err)
	}
}

// TestValueFlags holds the tables against the go command: for a flag that takes a value
// and has none it says so, of a switch it does not.
func TestValueFlags(t *testing.T) {
	for name, table := range map[string][]string{"build": buildValues, "test": append(slices.Clone(buildValues), testValues...)} {
		for _, flag := range table {
			if name == "build" && slices.Contains([]string{"exec", "coverprofile"}, flag) {
				continue // flags of go run alone
			}
			out := helpOf(t, name, "-"+flag)
			if !strings.Contains(out, "flag needs an argument: -"+flag) {
				t.Errorf("go %s -%s: %s", name, flag, out)
			}
		}
	}
	for _, flag := range switches {
		if out := helpOf(t, "test", "-"+flag+"=?"); !strings.Contains(out, "-"+flag) || strings.Contains(out, "not defined") {
			t.Errorf("go test -%s=?: %s", flag, out)
		}
		if !IsFlag(flag) || !IsFlag("test.run") || IsFlag("report") {
			t.Errorf("IsFlag does not know its table")
		}
	}
}
