package gocmd

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestThrough(t *testing.T) {
	for _, tt := range []struct {
		name          string
		verb, goflags string
		args, want    []string
		timeout       string
	}{
		{"tests", "test", "", []string{"-run", "X", "./..."}, []string{"test", "-toolexec=t", "-count=1", "-exec=doctor hunt", "-timeout=0", "-run", "X", "./..."}, "10m"},
		{"limits of the user", "test", "", []string{"-timeout", "5s", "./a", "-test.timeout=7s", "-args", "-timeout=3s"},
			[]string{"test", "-toolexec=t", "-count=1", "-exec=doctor hunt", "-timeout=0", "./a", "-args", "-timeout=3s"}, "7s"},
		{"-exec of the user", "test", "", []string{"-exec", "sudo -E", "-v", "./a"},
			[]string{"test", "-toolexec=t", "-count=1", "-exec=doctor hunt sudo -E", "-timeout=0", "-v", "./a"}, "10m"},
		{"in GOFLAGS", "test", "-exec=qemu -timeout=1m", []string{"./a"},
			[]string{"test", "-toolexec=t", "-count=1", "-exec=doctor hunt qemu", "-timeout=0", "./a"}, "1m"},
		{"a program", "run", "", []string{"-race", "./cmd", "-exec=mine"}, []string{"run", "-toolexec=t", "-exec=doctor hunt", "-race", "./cmd", "-exec=mine"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Parse(tt.verb, tt.args)
			if err != nil {
				t.Fatal(err)
			}
			s := &Settings{GOFLAGS: tt.goflags}
			timeout, err := c.Through([]string{"doctor", "hunt"}, s)
			if err != nil || timeout != tt.timeout {
				t.Errorf("timeout %q, want %q; %v", timeout, tt.timeout, err)
			}
			if diff := cmp.Diff(tt.want, c.Args("t", s)); diff != "" {
				t.Errorf("arguments (-want +got):\n%s", diff)
			}
		})
	}
}
