package load

// Kind is what an input was recognised as.
type Kind uint8

// The kinds. Unknown never comes out of Open without an error.
const (
	Unknown     Kind = iota
	Trace            // Go execution trace
	Profile          // pprof protobuf: mutex, block, goroutine, goroutineleak and those without concurrency
	TextProfile      // the same as text, written with debug=1
	Log              // text that holds race reports, goroutine dumps or go-deadlock's warnings
	Report           // a report of concdoctor, saved as JSON
)

var kindNames = [...]string{
	Unknown:     "unknown",
	Trace:       "execution trace",
	Profile:     "profile",
	TextProfile: "text profile",
	Log:         "log",
	Report:      "concdoctor report",
}

// String returns the kind in the words of a report.
func (k Kind) String() string { return kindNames[k] }
