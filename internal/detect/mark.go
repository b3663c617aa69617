package detect

import "fmt"

// mark is the name that the program has given to an object.
type mark struct {
	name   string
	level  int
	nested bool // level counts
}

// text is the name as findings show it.
func (m *mark) text() string {
	switch {
	case m == nil:
		return ""
	case m.nested:
		return fmt.Sprintf("%s level %d", m.name, m.level)
	}
	return m.name
}

// setName gives what o describes a name, and a level if there is one.
func (o *description) setName(name string, levels []int) {
	m := mark{name: name}
	if old := o.mark.Load(); old != nil {
		m.level, m.nested = old.level, old.nested
	}
	for _, level := range levels {
		m.level, m.nested = level, true
	}
	o.mark.Store(&m)
}
