package leak

import (
	"github.com/concdoctor/concdoctor/agent/finding"
)

// verdict is what a group turns out to be.
type verdict struct {
	rule      finding.RuleID
	certainty finding.Certainty
	severity  finding.Severity
	*group
}

// verdicts returns what the group is, usually one thing or nothing. Where the cause is
// known for most of its members, that is the finding; for the others the trace may not
// show it.
func (p *pass) verdicts(g *group) []verdict {
	var all []verdict
	for _, known := range [...]func(*group) (verdict, bool){p.judgeStuck, p.judgeAbandoned} {
		if v, ok := known(g); ok {
			all = append(all, v)
		}
	}
	judged := 0
	for _, v := range all {
		judged += len(v.members)
	}
	if c, s, ok := p.judge(g); ok && 2*judged < len(g.members) {
		return []verdict{{finding.RuleGoroutineLeak, c, s, g}}
	}
	return all
}

// judgeStuck judges the members that no living goroutine can wake.
func (p *pass) judgeStuck(g *group) (verdict, bool) {
	stuck := p.part(g, func(b *blocked) bool { return b.stuck })
	if len(stuck.members) == 0 || !p.isOld(stuck) {
		return verdict{}, false
	}
	v := verdict{finding.RuleStuck, finding.Suspected, finding.Warning, stuck}
	if stuck.grows() && stuck.isAlone() {
		v.certainty = finding.Potential
		if len(stuck.members) >= manyCount {
			v.severity = finding.Error
		}
	}
	return v, true
}

// isAlone distinguishes goroutines that have outlived those they worked with from actors,
// which are meant to live on and can be found by others, in a table of sessions for
// instance: actors wait to receive, and none of them ends.
func (g *group) isAlone() bool {
	return g.kind == strong || g.line.distance == closest || g.finished >= growthCount
}

// judgeAbandoned judges the members whose lock went to a goroutine that ended with it.
func (p *pass) judgeAbandoned(g *group) (verdict, bool) {
	left := p.part(g, func(b *blocked) bool { return b.abandoned != nil && b.doubt != lockUser })
	if len(left.members) == 0 || !p.isOld(left) {
		return verdict{}, false
	}
	v := verdict{finding.RuleAbandonedLock, finding.Suspected, finding.Error, left}
	grants := make(map[*grant]bool)
	sure := true
	for i := range left.members {
		b := &left.members[i]
		grants[b.abandoned] = true
		sure = sure && b.doubt == noDoubt
	}
	// One lock is certain if no goroutine has acquired any of its class since; several must
	// be a habit.
	last := p.locks.of(left.members[0].site).last.got
	if one := len(grants) == 1 && left.members[0].abandoned.got == last; sure && (one || len(grants) >= growthCount) {
		v.certainty = finding.Potential
	}
	if v.certainty == finding.Suspected {
		v.severity = finding.Warning
	}
	return v, true
}
