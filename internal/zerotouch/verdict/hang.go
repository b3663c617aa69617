package verdict

import (
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge/hang"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// DefaultSelfWait is how long a goroutine has to wait before it is looked at. It is the
// agent's.
const DefaultSelfWait = time.Second

// hung is a finding about goroutines that do not go on.
type hung struct {
	finding.Finding
	// members are those that it rests on, and victims those that hang because of them.
	members, victims []*tape.Goroutine
}

// hangs returns what keeps goroutines from going on for ever, the most certain first.
func (s *scene) hangs(enough time.Duration) (all []hung) {
	look := s.look(false, enough)
	for _, h := range hang.Judge(look).Hangs {
		f := h.Finding()
		s.nameTests(&f)
		all = append(all, hung{f, s.members(look, h.Members), s.members(look, h.Victims())})
	}
	return all
}
