// Package saved reads what concdoctor itself wrote: reports in JSON, as analyze --format
// json saves them, and the findings of an agent with format=json, one a line.
//
// A saved report that is analyzed again becomes part of the new report, with its inputs.
package saved
