package tape

// The layout of a tape. This file is compiled twice: here, for the reader, and as part
// of the observed program's package runtime, which writes (package inject takes its text
// from [LayoutSource]). It therefore holds nothing but constants, and all their names
// begin with tape.
//
// All numbers are in the byte order of the machine, which is little on those that are
// recorded on. The file is sparse: what was not written takes no room.
//
//lint:file-ignore U1000 package runtime uses what is not used here
const (
	tapeMagic   = "concdoctor tape\n"
	tapeVersion = 4

	// What a page of zeroes begins with. Each word has eight bytes; magic fills two.
	tapeWordVersion    = 2
	tapeWordPID        = 3
	tapeWordStart      = 4  // Unix time in nanoseconds
	tapeWordStartMono  = 5  // the same on the monotonic clock
	tapeWordEnd        = 6  // an End, and the exit code above its 8 bits
	tapeWordEndTime    = 7  // monotonic
	tapeWordSlots      = 8  // slots in use
	tapeWordUnseen     = 9  // goroutines without one
	tapeWordRing       = 10 // bytes ever reserved in the ring
	tapeWordRecords    = 11 // records ever written there
	tapeWordFrames     = 12 // frames in use
	tapeWordStrings    = 13 // bytes of strings in use
	tapeWordLost       = 14 // what found no room in a table
	tapeWordExecutable = 15 // a string
	tapeWordGoVersion  = 16 // a string
	tapeWordStamp      = 17 // a string: the list that the program was built with
	tapeWordObjects    = 18 // objects that ever got an id
	tapeWordHandovers  = 19 // how often locks were released by others than their holders, for the first time
	tapeWordFirst      = 21 // bytes ever reserved where the first records are
	tapeWordFull       = 20 // pages of the file that found no room: then nothing more was recorded
	tapeWordEndedBy    = 22 // the goroutine that ended the process, 0 for none
	tapeWordLimit      = 23 // how long the tests were allowed to take, in nanoseconds
	tapeWordSpace      = 24 // a string: the space of process ids that the process is in
	tapeWordBeat       = 25 // monotonic: when the process was last known to be there
	tapeWordGone       = 26 // monotonic: when a reader found that it was there no longer
	// A reader asks in the lower half of Ask, which the process waits for. Answered is the
	// last request that was answered, and above 32 bits why without a look.
	tapeWordAsk       = 27
	tapeWordAnswered  = 28
	tapeWordLooks     = 29 // how often the collector has looked for goroutines that are lost
	tapeWordLookTime  = 30 // monotonic: when the last look ended
	tapeWordLookNanos = 31 // how long it took
	tapeWordLookSum   = 32 // how long all took
	tapeWordBlind     = 33 // why the collector cannot look at all, 0 where it can
	tapeWordWatched   = 35 // 1 if a reader watches, which then decides when to look
	tapeWordLostSums  = 34 // waits and holds that no sum has
	tapeWordLookCost  = 36 // processor time of the process during the last look, in nanoseconds

	tapeAskInsist = 1 // of a request: also if the program makes progress; the next is two more

	// The process says that it is there after the sixteenth part of its age, within bounds.
	tapeBeatShare = 16
	tapeBeatLeast = 250_000_000
	tapeBeatMost  = 10_000_000_000

	// The parts of the file, one after the other.
	tapeHeaderSize = 4096

	tapeSlots     = tapeHeaderSize
	tapeSlotSize  = 512
	tapeSlotCount = 1 << 17

	tapeDeep     = tapeSlots + tapeSlotSize*tapeSlotCount // what few slots need, apart
	tapeDeepSize = 256

	tapePlaces    = tapeDeep + tapeDeepSize*tapeSlotCount // of the objects: only the writer needs them
	tapePlaceSize = 8

	tapeObjects     = tapePlaces + tapePlaceSize*tapeObjectCount
	tapeObjectSize  = 64
	tapeObjectCount = 1 << 16

	tapeStacks     = tapeObjects + tapeObjectSize*tapeObjectCount
	tapeStackSize  = 80
	tapeStackCount = 1 << 16
	tapeStackShort = 1 << 13 // of them are for the innermost calls of those that find no room

	tapeSymbols     = tapeStacks + tapeStackSize*tapeStackCount
	tapeSymbolSize  = 16
	tapeSymbolCount = 1 << 16

	tapeFrames     = tapeSymbols + tapeSymbolSize*tapeSymbolCount
	tapeFrameSize  = 16
	tapeFrameCount = 1 << 18

	tapeNames     = tapeFrames + tapeFrameSize*tapeFrameCount
	tapeNameSize  = 16
	tapeNameCount = 1 << 16

	tapeStrings     = tapeNames + tapeNameSize*tapeNameCount
	tapeStringsSize = 16 << 20

	tapeKnown      = tapeStrings + tapeStringsSize
	tapeKnownSize  = 32
	tapeKnownCount = 1 << 16

	tapeUsed      = tapeKnown + tapeKnownSize*tapeKnownCount
	tapeUsedSize  = 8
	tapeUsedCount = 1 << 17

	tapeBlockings     = tapeUsed + tapeUsedSize*tapeUsedCount
	tapeBlockingSize  = 64
	tapeBlockingCount = 1 << 13

	tapeHoldings     = tapeBlockings + tapeBlockingSize*tapeBlockingCount
	tapeHoldingSize  = 64
	tapeHoldingCount = 1 << 13

	tapeRing      = tapeHoldings + tapeHoldingSize*tapeHoldingCount
	tapeRingSize  = 16 << 20
	tapeRingBlock = 64 << 10 // no record lies across two blocks; the oldest is given up

	tapeFirst     = tapeRing + tapeRingSize
	tapeFirstSize = 8 << 20
	tapeFirstEach = 256     // so many records of each stack are put there
	tapeFirstTest = 1 << 20 // which only the beginnings and ends of tests may fill

	tapeSize = tapeFirst + tapeFirstSize

	// A slot: words of its goroutine, by their number. The control word is written last
	// and holds what is in force of the others: how many locks are held, how many cases
	// the wait has, flags, and above them a number that changes with each writing.
	tapeSlotControl = 0
	tapeSlotID      = 1
	tapeSlotParent  = 2
	tapeSlotTest    = 3 // the test's name, and above 32 bits the stack that created it
	tapeSlotBorn    = 4 // a place among the records, which costs less than a clock
	tapeSlotMore    = 5 // how many more are held, and above 32 bits flags
	tapeSlotWait    = 6 // kind, above 8 bits mode, above 32 bits stack
	tapeSlotSince   = 7
	tapeSlotHeld    = 14 // two words each: what, then its stack and above 32 bits its id
	tapeSlotCases   = 22 // a word each: what, with the side in place of the mode
	tapeDeepHeld    = 0  // the holds that have no room in the slot
	tapeDeepCases   = 24 // such cases

	tapeHeldCount = 16
	tapeHeldNear  = 4 // those in the slot
	tapeCaseCount = 8
	tapeCaseNear  = 2

	tapeControlHeld  = 0xff // bits
	tapeControlCases = 0xf00
	tapeControlWait  = 1 << 12
	tapeControlMore  = 1 << 13 // there are more cases
	tapeControlAlive = 1 << 14
	tapeControlCount = 1 << 16 // the lowest bit of the number

	// A birth: how many words of the first records were reserved, and above those bits of
	// the ring.
	tapeBornFirst = 1<<20 - 1
	tapeBornRing  = 20

	tapeFlagBubble  = 1
	tapeFlagLeaked  = 2  // the collector found that nothing can end its wait
	tapeFlagWoken   = 4  // another goroutine has made it runnable since it began to wait
	tapeFlagGlobals = 8  // nothing but global variables led there, if anything did
	tapeFlagUnder   = 16 // its creator held locks at the go statement: see tapeModeShare
	tapeFlagLook    = 32 // from that bit on: which look found it

	// What: an address above 16 bits, the kind above 8, the mode or side.
	tapeKindMutex     = 1
	tapeKindRWMutex   = 2
	tapeKindChan      = 3
	tapeKindSelect    = 4
	tapeKindWaitGroup = 5
	tapeKindCond      = 6
	tapeKindSemaphore = 7 // of golang.org/x/sync

	tapeModeExclusive = 0
	tapeModeShared    = 1
	tapeModeTry       = 2 // beside the other
	tapeModeGiven     = 4 // beside the other, of a hold: another goroutine has released the lock
	tapeModeShare     = 8 // likewise: a goroutine was started meanwhile, which may be the one to release it

	tapeSideSend     = 1
	tapeSideRecv     = 2
	tapeSideClose    = 3
	tapeSideAdd      = 4
	tapeSideDone     = 5
	tapeSideAwait    = 6
	tapeSideSignal   = 7
	tapeSideClosed   = 8    // only in records: the goroutine found the channel closed
	tapeSideOrdering = 9    // likewise: it sent a message that orders, after it had requested locks or joined
	tapeSideJoin     = 10   // likewise: it received such a one
	tapeSidePermit   = 11   // likewise: the channel, or other object, is a semaphore; the number is its room
	tapeSideQueue    = 12   // likewise: it is none after all
	tapeSideTimer    = 0x80 // beside the side of a case: the channel is a timer's
	tapeSideMore     = 0x40 // the channel found no room: which goroutines use it is not known

	// An object is there if its address is not 0. What, with flags in place of the mode;
	// its id and above 32 bits the stack that closed it; the goroutine that did; from the
	// third word on a channel's first uses: the side, above 3 bits the stack, above 20 the
	// slot of the goroutine, above 37 the lowest bits of its id. Those of goroutines that
	// ended make room for others, but for the first two; what does not fit in is a record.
	tapeObjectWhat  = 0
	tapeObjectID    = 1
	tapeObjectOther = 2
	tapeObjectUse   = 3
	tapeObjectUses  = 5
	tapeUseStack    = 3
	tapeUseSlot     = 20
	tapeUseID       = 37
	tapeUseStacks   = 1<<17 - 1
	tapeUseKeep     = 2

	tapeObjectMore     = 1   // more have used it than are written down
	tapeObjectHandover = 2   // read locks of it were released by others: no goroutine is said to hold one
	tapeObjectGiven    = 16  // a goroutine released it that did not hold it; other has the slot of its holder, from 1 on
	tapeObjectLeft     = 32  // a goroutine held it when it ended
	tapeObjectSpilled  = 8   // some of those that have used it are records, which may be overwritten
	tapeObjectQueue    = 64  // it is none after all
	tapeObjectPermit   = 128 // it is a semaphore: a permit was given back
	tapeObjectDated    = 4   // a goroutine that has requested locks is done with the group, or has closed the channel
	tapeObjectByTimer  = 56  // of other, from that bit on one for each side: a timer's function has used it

	// A stack: its hash, how many of its calls are in force, and those: four bytes each,
	// how many frames, and above 6 bits the first one's index. An id of a stack is its
	// index + 1. A frame: function, file, line, four bytes each. A string: its length in
	// four bytes, and it; it is known by its offset, 0 is none.
	tapeStackLength = 8
	tapeStackCalls  = 16
	tapeStackDepth  = 16

	// Blocking and holding: key, count, nanoseconds, the most, stack and above 32 bits
	// the one held under, kind and above 8 bits mode and above 32 bits test, measured.
	tapeSumKey      = 0
	tapeSumCount    = 1
	tapeSumNanos    = 2
	tapeSumMax      = 3
	tapeSumStack    = 4
	tapeSumKind     = 5
	tapeSumMeasured = 6

	// A record: a word with its length in words, above 12 bits its kind, above 20 bits
	// its place in the ring as if that had no end, in words. Then goroutine, time, test
	// and above 32 bits stack, and what its kind has.
	tapeRecordDependency = 1 // what, id, parent, created, born; what, stack and id of each held
	tapeRecordUse        = 2 // what, id; of a message, above 32 bits of the id its number, and then blocks of memory with locks that it leads to: an address, below 16 bits how many times 16 bytes; of a channel that was found closed, the goroutine that closed it, when, in which test and above 32 bits where
	tapeRecordMisuse     = 3 // what, id and above 32 bits the rule, other goroutine, its stack and above 32 bits created
	tapeRecordBegin      = 4
	tapeRecordEnd        = 5 // whether it failed
	tapeRecordRace       = 8 // see tapeRaceAddress
	tapeRecordBirth      = 7 // the goroutine that it comes after, and the place in time

	// What goroutines run outside of tests, in place of the name of one: no test has such a
	// name.
	tapePartNone     = ""
	tapePartInit     = ":init"
	tapePartTestMain = ":TestMain"

	// Why a request was answered without a look, and why none is ever to be had.
	tapeLookBusy   = 1 // the program makes progress
	tapeLookSoon   = 2 // the last look was a moment ago, for what it took
	tapeLookLarge  = 3 // the heap
	tapeLookOff    = 4 // the program has switched the collector off
	tapeLookEnding = 5 // the process is about to end
	tapeLookOld    = 6 // the collector is that of Go 1.25
	tapeLookCannot = 7 // goroutines cannot be stopped: GODEBUG=asyncpreemptoff=1

	tapeRuleSendOnClosed  = 1
	tapeRuleDoubleClose   = 2
	tapeRuleForeignUnlock = 3
	tapeRuleWaitGroup     = 4
	tapeRuleAbandonedLock = 5
	tapeRuleNilChannel    = 6
	// A cond was signalled by a goroutine that neither held its lock nor had released it just
	// before. Its other stack is where another goroutine has waited, 0 if none had.
	tapeRuleSignalWithoutLock = 7

	tapeEndExited         = 1
	tapeEndAsleep         = 2
	tapeEndFatal          = 3
	tapeEndPanicked       = 4
	tapeEndTimedOut       = 5
	tapeEndSignaled       = 6 // its number is the code
	tapeEndReplaced       = 7
	tapeRecordHeaderWords = 4
	tapeRecordDepWords    = 5
	tapeRecordMisuseWords = 4
	tapeRecordUseWords    = 2
	tapeRecordCloseWords  = 3
	tapeMessageOthers     = 1 << 31 // beside the number of a message: others have sent before
	tapeMessageTransfers  = 4       // blocks at most that a message leads to
	tapeRecordBirthWords  = 2

	// A race: its words after the header. Lists follow: two words for each lock held, as in a
	// dependency, by the later access and then by the earlier one; then four bytes for each call, as in
	// a stack: those of the two accesses, and of where the two goroutines were created.
	tapeRaceAddress = 4
	tapeRaceWhat    = 5  // of the later access, and above 16 bits of the earlier one
	tapeRaceEarlier = 6  // the goroutine of the earlier access, 0 if it is not known
	tapeRaceTest    = 7  // its test
	tapeRaceCount   = 8  // how often the two places met
	tapeRaceBlock   = 9  // where the block of memory begins, and in the next word its size; 0 for a global variable
	tapeRaceHeld    = 11 // how many locks of each are written down, 8 bits each, and how many were held
	tapeRaceCalls   = 12 // how many calls each list has, 16 bits each
	tapeRaceLists   = 13

	tapeRaceBytes       = 0xff // bits of what: which of eight bytes
	tapeRaceWrite       = 1 << 8
	tapeRaceAtomic      = 1 << 9
	tapeRaceHeldUnknown = 1 << 10 // it is not known any more what it held
	tapeRaceDepth       = 64      // calls at most of each list
)
