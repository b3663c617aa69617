package finding

import "fmt"

// Certainty says how sure a finding is. Its order is meaningful: a larger value
// is surer. The zero value is not a certainty and does not encode.
type Certainty uint8

const (
	// Suspected rests on a heuristic or on class-level evidence.
	Suspected Certainty = iota + 1
	// Potential is a pattern that survived every filter; no run has shown it happen.
	Potential
	// Proven has a witness: a schedule of the same events in which it happens.
	Proven
	// Observed happened in the run at hand.
	Observed
)

var certaintyNames = [...]string{Suspected: "suspected", Potential: "potential", Proven: "proven", Observed: "observed"}

// String returns the lower-case name, or "certainty(N)" for an unknown value.
func (c Certainty) String() string { return nameOf("certainty", certaintyNames[:], uint8(c)) }

// MarshalText fails for a value that is not one of the named certainties.
func (c Certainty) MarshalText() ([]byte, error) {
	return marshalName("certainty", certaintyNames[:], uint8(c))
}

// UnmarshalText accepts the names that String returns.
func (c *Certainty) UnmarshalText(text []byte) error {
	v, err := parseName("certainty", certaintyNames[:], string(text))
	*c = Certainty(v)
	return err
}

// Severity says how bad a finding is for the program if it is true. Its order is
// meaningful: a larger value is worse. The zero value is not a severity.
type Severity uint8

const (
	// Info is worth knowing and may be intended.
	Info Severity = iota + 1
	// Warning costs time or safety.
	Warning
	// Error makes the program hang, lose data or lose most of its speed.
	Error
)

var severityNames = [...]string{Info: "info", Warning: "warning", Error: "error"}

// String returns the lower-case name, or "severity(N)" for an unknown value.
func (s Severity) String() string { return nameOf("severity", severityNames[:], uint8(s)) }

// MarshalText fails for a value that is not one of the named severities.
func (s Severity) MarshalText() ([]byte, error) {
	return marshalName("severity", severityNames[:], uint8(s))
}

// UnmarshalText accepts the names that String returns.
func (s *Severity) UnmarshalText(text []byte) error {
	v, err := parseName("severity", severityNames[:], string(text))
	*s = Severity(v)
	return err
}

// nameOf, marshalName and parseName serve every small enumeration of this
// package; index 0 of names is the unnamed zero value.
func nameOf(what string, names []string, v uint8) string {
	if v == 0 || int(v) >= len(names) {
		return fmt.Sprintf("%s(%d)", what, v)
	}
	return names[v]
}

func marshalName(what string, names []string, v uint8) ([]byte, error) {
	if v == 0 || int(v) >= len(names) {
		return nil, fmt.Errorf("encoding %s: no name for value %d", what, v)
	}
	return []byte(names[v]), nil
}

func parseName(what string, names []string, text string) (uint8, error) {
	for i, name := range names {
		if i > 0 && name == text {
			return uint8(i), nil
		}
	}
	return 0, fmt.Errorf("unknown %s %q: want one of %q", what, text, names[1:])
}
