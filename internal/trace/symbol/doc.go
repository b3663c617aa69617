// Package symbol gives the frames, stacks and strings of an execution trace ids
// that hold for the whole trace. A trace names them anew in each generation, a
// second of the program; the analyzer's [stream] names each once.
//
// Both decoders of traces share a [Table]: equal content has equal ids whichever
// generation it comes from, and a definition goes into the batch whose events are
// the first to use it. The table also says what a stack waits for, by its leaf
// frames ([Table.Waits]), and what a reason's text means ([Stop]).
//
// Frames are found by program counter first, since a program's code does not move;
// the content is compared all the same, since a plugin's might. Memory is
// O(distinct stacks).
package symbol
