package memory

import (
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
)

// available is how much memory the machine has, or the control groups of this process allow.
func available() int64 { return availableIn(os.DirFS("/")) }

func availableIn(root fs.FS) int64 {
	least := int64(2 * mostByDefault)
	if bytes, ok := totalOf(readText(root, "proc/meminfo")); ok {
		least = min(least, bytes)
	}
	for _, name := range groupLimits(readText(root, "proc/self/cgroup")) {
		// "max" means that there is no limit, and so does a number beyond all memory.
		if bytes, err := strconv.ParseInt(strings.TrimSpace(readText(root, name)), 10, 64); err == nil && bytes > 0 {
			least = min(least, bytes)
		}
	}
	return least
}

func readText(root fs.FS, name string) string {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return "" // not this kind of system
	}
	return string(text)
}

// totalOf reads the line "MemTotal: 24683576 kB".
func totalOf(meminfo string) (bytes int64, ok bool) {
	for line := range strings.Lines(meminfo) {
		fields := strings.Fields(line)
		if len(fields) == 3 && fields[0] == "MemTotal:" {
			kilobytes, err := strconv.ParseInt(fields[1], 10, 64)
			return kilobytes << 10, err == nil
		}
	}
	return 0, false
}

// groupLimits returns the files that may limit a process with this list of control groups
// (cgroups(7)): those of its groups and of all above them, in version 2 and version 1. In a
// container the group's own name is often not to be seen, and its limit is at the root.
func groupLimits(list string) (files []string) {
	for line := range strings.Lines(list) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) < 3 {
			continue
		}
		dir, file := "sys/fs/cgroup", "memory.max"
		if fields[1] != "" {
			if !strings.Contains(","+fields[1]+",", ",memory,") {
				continue
			}
			dir, file = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
		}
		for group := path.Clean("/" + fields[2]); ; group = path.Dir(group) {
			files = append(files, path.Join(dir, group, file))
			if group == "/" {
				break
			}
		}
	}
	return files
}
