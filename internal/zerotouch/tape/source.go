package tape

import _ "embed" // for LayoutSource

// LayoutSource is the text of the file with the layout's constants, which is compiled
// into observed programs too: what writes a tape and what reads it cannot differ.
//
//go:embed layout.go
var LayoutSource string
