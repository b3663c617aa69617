// Package passes is the list of checks that an execution trace goes through, and runs
// them over one. Each check is a package below this one; package replay says what a check
// is given and what it has to keep to.
package passes
