package memory

import (
	"testing"
	"testing/fstest"
)

func TestAvailable(t *testing.T) {
	text := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	const meminfo = "MemTotal:        2097152 kB\nMemFree:  1 kB\n"
	for name, tt := range map[string]struct {
		files fstest.MapFS
		want  int64
	}{
		"nothing known": {fstest.MapFS{}, 2 * mostByDefault},
		"machine":       {fstest.MapFS{"proc/meminfo": text(meminfo)}, 2 << 30},
		"group without limit": {fstest.MapFS{
			"proc/meminfo": text(meminfo), "proc/self/cgroup": text("0::/a/b\n"), "sys/fs/cgroup/a/b/memory.max": text("max\n"),
		}, 2 << 30},
		"group above": {fstest.MapFS{
			"proc/meminfo": text(meminfo), "proc/self/cgroup": text("0::/a/b\n"),
			"sys/fs/cgroup/a/b/memory.max": text("max\n"), "sys/fs/cgroup/a/memory.max": text("536870912\n"),
		}, 512 << 20},
		"container": {fstest.MapFS{
			"proc/meminfo": text(meminfo), "proc/self/cgroup": text("0::/\n"), "sys/fs/cgroup/memory.max": text("268435456\n"),
		}, 256 << 20},
		"version 1": {fstest.MapFS{
			"proc/meminfo": text(meminfo), "proc/self/cgroup": text("5:cpu,cpuacct:/x\n4:memory:/docker/1\n"),
			"sys/fs/cgroup/memory/memory.limit_in_bytes": text("9223372036854771712\n"), "sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes": text("104857600\n"),
		}, 100 << 20},
	} {
		if got := availableIn(tt.files); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
	if got := Default(); got < 1<<20 || got > mostByDefault {
		t.Errorf("the default is %d", got)
	}
}
