package diagnosis

import "github.com/concdoctor/concdoctor/internal/profile"

// Profile returns the dump as a profile of goroutines: each distinct stack with the
// number of its goroutines. The runtime's own are left out.
func (d *Dump) Profile(input string) *profile.Profile {
	p := &profile.Profile{Input: input, Kind: profile.DumpKind}
	at := make(map[any]int)
	for i := range d.goroutines {
		g := &d.goroutines[i]
		if g.isSystem() {
			continue
		}
		var k any = g.role
		if len(g.Stack) > 0 {
			k = [2]any{g.role, &g.Stack[0]} // stacks are interned
		}
		n, known := at[k]
		if !known {
			n = len(p.Samples)
			at[k] = n
			p.Samples = append(p.Samples, profile.Sample{Stack: g.Stack, Role: g.role})
		}
		p.Samples[n].Count++
		p.Samples[n].OldestMinutes = max(p.Samples[n].OldestMinutes, g.Minutes)
	}
	return p
}
