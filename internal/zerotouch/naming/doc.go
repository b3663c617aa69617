// Package naming calls locks, channels and the like what the source calls them at the
// line that uses them: "(*Server).mu", "bank.ledger", "(*Cache).shards[].mu".
//
// The line is parsed, and types are taken from declarations in the same file: of the
// receiver, of parameters and of local variables. No package is loaded or checked
// for it, so a name costs the parse of one file, once. What this does not show has no name, and a
// file that is not there, or was changed since the program was built, has none either.
//
// Of goroutines that seem to hang it also says what the source shows of their waits
// ([Namer.ServicesOf], [Namer.WaitsAlone]); for that the package is checked.
//
// Limits: a variable that is declared twice in nested blocks is taken for the one
// declared last before the line; a method that embeds a lock under another name than
// its type's is not seen through.
package naming
