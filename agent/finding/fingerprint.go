package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
)

// fingerprintBytes keeps 64 bits: two findings of one program collide with a
// chance of one in 10^13 at a thousand findings.
const fingerprintBytes = 8

// ComputeFingerprint returns the identity of the diagnosis: a hash over the rule
// and the set of functions with the parts that they play. Addresses, goroutine
// ids, line numbers, counts and the order in which things were seen are left out,
// so that it stays the same across runs, builds, machines and line shifts. So is
// a resource's class: which function uses a lock first is up to the scheduler.
func (f *Finding) ComputeFingerprint() string {
	var parts []string
	for _, r := range f.Resources {
		parts = append(parts, "resource|"+string(r.Kind))
	}
	for _, s := range f.sites() {
		parts = append(parts, s.role+"|"+stableFunc(s.frame.Func))
	}
	slices.Sort(parts)
	sum := sha256.Sum256([]byte(string(f.Rule) + "\n" + strings.Join(slices.Compact(parts), "\n")))
	return hex.EncodeToString(sum[:fingerprintBytes])
}

var unstable = regexp.MustCompile(`[.-](func|gowrap|deferwrap|range)\d+(\.\d+)*\b|\[.*\]|-fm$|·\d+`)

// stableFunc drops from a function name what the compiler numbers: closures
// (main.run.func2.1), wrappers, type arguments.
func stableFunc(name string) string {
	return unstable.ReplaceAllStringFunc(name, func(m string) string {
		switch {
		case strings.HasPrefix(m, ".func"):
			return ".func"
		case strings.HasPrefix(m, "-range"): // the body of a range over a function
			return ".range"
		}
		return ""
	})
}
