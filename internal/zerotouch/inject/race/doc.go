// Package race finds accesses to memory that nothing orders, while a program runs. Its files become a part
// of package runtime in programs that are built to watch their accesses; here they are an ordinary
// package, so that tests can compare them with a model. All names begin with ft, for FastTrack, as
// the runtime has names of its own.
//
// # Algorithm
//
// FastTrack (Flanagan and Freund, PLDI 2009) on the happens-before relation that the runtime
// reports. Each goroutine has a place in vector clocks, a slot ([ftSlotState]), and counts epochs
// there: a new one begins when others may know what it has done. An access is (slot, epoch); it
// happened before a goroutine's present if the goroutine's clock has that epoch of that slot. An
// address that orders goroutines ([ftSync]) has a clock too: to release is to copy one's own there,
// to acquire is to join it.
//
// Each granule of eight bytes has four cells ([ftCells]) in a shadow at a constant distance. A cell is
// an access: which bytes, how, when, and the stack, all in one word. An access is compared with the four
// and takes the place of one that it covers: of the same bytes or fewer, no stronger, and known to
// have happened before. Else it takes a free one, or any.
//
// The stack is a node of the calling-context tree (Ammons, Ball and Larus, PLDI 1997): each call moves
// to the child for its return address, each return to the parent. So both stacks of a race are whole,
// however long ago the earlier access was.
//
// # Cells without locks
//
// Goroutines read and write cells at the same time, without a lock. Each cell is one aligned word, which
// machines of 64 bits read and write as a whole: what is read was written by one access, which did happen,
// and is compared with a clock that only its goroutine changes. If it is not ordered before this access, the two
// race, whatever was written meanwhile. Of two writers at once one is lost: that can hide a
// race, and never invents one.
//
// # Clocks
//
// A clock is an immutable vector that it shares with others ([ftBase], counted), and up to
// twelve newer entries. A goroutine that has joined a vector before reads the newer entries alone. To start a
// goroutine or to release a lock copies some words.
//
// # Bounds
//
// There are 1,024 slots; 256 are handed out before the first is used again, the one that was free
// longest. Goroutines beyond share slots and are taken to be ordered among themselves. Each epoch of a
// slot is handed out once, so that an entry always stands for at least what it is meant for: slots
// that are used again hide races and invent none. A slot whose 2^20 epochs are used up is left for good; when
// half of them are, [ftReset] begins anew while the world is stopped. The tree has 16 million nodes;
// calls beyond are counted, so that returns stay in step.
//
// # In the runtime
//
// What the program calls is nosplit and allocates nothing: memory comes from the system and is
// not known to the collector, pointers to it need no write barriers. Locks are spin locks, held by code
// that cannot be preempted. Order of locks: a granule's of ftSync, then one of ftSlotLock,
// ftBaseLock, ftNodeLock, ftSyncPoolLock, and ftArenaLock last.
package race
