package finding

// verdict is what a finding of a rule says of the program, after "the program".
type verdict struct {
	// does is said of what was observed or proven, as in "leaks goroutines".
	does string
	// verb follows "appears to" for what is potential and "may" for what is suspected, as
	// in "leak goroutines".
	verb string
	// can, if not "", is said of what is proven or potential: a pattern that is there, of
	// something that has not happened.
	can string
}

// rules is the catalogue in the order in which it is shown. It holds a rule only
// when something reports it.
var rules = [...]Rule{
	{
		ID: RuleLockCycle, Family: FamilyDeadlock, Severity: Error,
		Fix:     "acquire the locks in one order everywhere",
		verdict: verdict{"can deadlock", "deadlock", "can deadlock"},
	},
	{
		ID: RuleDeadlock, Family: FamilyDeadlock, Severity: Error,
		Fix:     "acquire locks in one order everywhere, and release them before waiting for another goroutine",
		verdict: verdict{"deadlocked", "have deadlocked", ""},
	},
	{
		ID: RuleSelfDeadlock, Family: FamilyDeadlock, Severity: Error,
		Fix:     "split the function: one that locks, and one that requires that the lock is held and is called under it",
		verdict: verdict{"has a goroutine that waits for itself", "have a goroutine that waits for itself", ""},
	},
	{
		ID: RuleRLockRecursion, Family: FamilyDeadlock, Severity: Error,
		Fix:     "read-lock once: split the inner function into one that locks and one that requires that the lock is held",
		verdict: verdict{"deadlocked on a recursive read lock", "deadlock on a recursive read lock", "can deadlock on a recursive read lock"},
	},
	{
		ID: RuleLockUpgrade, Family: FamilyDeadlock, Severity: Error,
		Fix:     "release the read lock, acquire the write lock, and check again what was read: it may have changed in between",
		verdict: verdict{"has a goroutine that waits for its own read lock", "have a goroutine that waits for its own read lock", ""},
	},
	{
		ID: RuleAbandonedLock, Family: FamilyDeadlock, Severity: Error,
		Fix:     "unlock in a defer right after the lock, so that every return and panic releases it",
		verdict: verdict{"waits for a lock whose holder has ended", "wait for a lock whose holder has ended", ""},
	},
	{
		ID: RuleStuck, Family: FamilyDeadlock, Severity: Error,
		Fix:     "give the wait a second way to end, such as a select with ctx.Done(), and let the last sender close the channel",
		verdict: verdict{"has goroutines that nothing can wake", "have goroutines that nothing can wake", ""},
	},
	{
		ID: RuleLockOrder, Family: FamilyDeadlock, Severity: Error,
		Fix:     "acquire the locks in the declared order; if that is wrong, change the declaration",
		verdict: verdict{"acquires locks against the declared order", "acquire locks against the declared order", ""},
	},
	{
		ID: RuleHeldLong, Family: FamilyTime, Severity: Warning,
		Fix:     "release the lock before work that may take long: network, files, sleep, channels, other locks; copy what it needs under the lock",
		verdict: verdict{"holds a lock for longer than the limit", "hold a lock for longer than the limit", ""},
	},
	{
		ID: RuleWaitedLong, Family: FamilyTime, Severity: Warning,
		Fix:     "acquire the lock less often or for shorter; give independent parts of the data locks of their own; bound the number of goroutines that want it",
		verdict: verdict{"waits for a lock for longer than the limit", "wait for a lock for longer than the limit", ""},
	},
	{
		ID: RuleSendOnClosed, Family: FamilyMisuse, Severity: Error,
		Fix:     "let only the sender close the channel, after its last send; with several senders, close it when all have ended (a WaitGroup), or tell them to stop on a channel of its own",
		verdict: verdict{"sends on a closed channel", "send on a closed channel", ""},
	},
	{
		ID: RuleDoubleClose, Family: FamilyMisuse, Severity: Error,
		Fix:     "let one owner, the sender, close the channel; if several goroutines can be the first to close it, close it in a sync.Once",
		verdict: verdict{"closes a channel twice", "close a channel twice", ""},
	},
	{
		ID: RuleNilChannel, Family: FamilyMisuse, Severity: Error,
		Fix:     "make the channel before it is used; to wait forever on purpose, use a select without cases",
		verdict: verdict{"waits on a nil channel", "wait on a nil channel", "waits on a nil channel"},
	},
	{
		ID: RuleNotHeld, Family: FamilyMisuse, Severity: Error,
		Fix:     "acquire the lock before the call, or call the variant of the function that acquires it",
		verdict: verdict{"runs code without the lock that it requires", "run code without the lock that it requires", ""},
	},
	{
		ID: RuleLockCopied, Family: FamilyMisuse, Severity: Error,
		Fix:     "use pointers: pass and return the struct by pointer, and give methods that lock a pointer receiver; copy its data field by field under the lock; go vet finds most copies",
		verdict: verdict{"uses a copied lock", "use a copied lock", ""},
	},
	{
		ID: RuleForeignUnlock, Family: FamilyMisuse, Severity: Info,
		Fix:     "if the lock is a signal between goroutines, use a channel or a semaphore, which says so; else unlock where it was locked, in a defer",
		verdict: verdict{"releases locks that other goroutines acquired", "release locks that other goroutines acquired", ""},
	},
	{
		ID: RuleSignalWithoutLock, Family: FamilyMisuse, Severity: Info,
		Fix:     "change what the waiter checks while L is held, and signal before or right after L is released; for the end of a context: context.AfterFunc with a function that locks L and then calls Broadcast",
		verdict: verdict{"signals without the lock of the condition", "signal without the lock of the condition", ""},
	},
	{
		ID: RuleWaitGroupMisuse, Family: FamilyMisuse, Severity: Error,
		Fix:     "start goroutines with WaitGroup.Go; else call Add before the goroutine starts, and Done exactly once in a defer at its start",
		verdict: verdict{"misuses a wait group", "misuse a wait group", ""},
	},
	{
		ID: RuleDataRace, Family: FamilyRace, Severity: Error,
		Fix:     "protect both accesses with the same mutex; or make the variable a sync/atomic type; or let one goroutine own it and send it the changes",
		verdict: verdict{"has a data race", "have a data race", ""},
	},
	{
		ID: RuleGoroutineLeak, Family: FamilyLeak, Severity: Warning,
		Fix:     "give this wait a second way to end: a select with ctx.Done(), a buffer for every sender, or a close by the owner",
		verdict: verdict{"leaks goroutines", "leak goroutines", ""},
	},
	{
		ID: RuleContention, Family: FamilyContention, Severity: Warning,
		Fix:     "move all that needs no protection out of the section; if all of it needs protection, give independent parts of the data locks of their own",
		verdict: verdict{"spends time waiting for a lock", "spend time waiting for a lock", ""},
	},
	{
		ID: RuleCoarseSection, Family: FamilyContention, Severity: Warning,
		Fix:     "compute outside the section and keep only the exchange of results under the lock; or split the data by key into shards with a lock each",
		verdict: verdict{"holds a lock for too long", "hold a lock for too long", ""},
	},
	{
		ID: RuleBlockingUnderLock, Family: FamilyContention, Severity: Warning,
		Fix:     "unlock before the wait and lock again after it",
		verdict: verdict{"blocks while it holds a lock", "block while it holds a lock", ""},
	},
	{
		ID: RuleConvoy, Family: FamilyContention, Severity: Warning,
		Fix:     "acquire the lock less often: collect in each goroutine and merge once per batch, or give each goroutine a shard",
		verdict: verdict{"has a lock convoy", "have a lock convoy", ""},
	},
	{
		ID: RuleHotCounter, Family: FamilyContention, Severity: Warning,
		Fix:     "make the word a sync/atomic value; if that is contended too, count in one shard per goroutine and sum the shards when reading",
		verdict: verdict{"guards a word or two with a contended lock", "guard a word or two with a contended lock", ""},
	},
	{
		ID: RuleReadMostly, Family: FamilyContention, Severity: Warning,
		Fix:     "build the new value beside the old one and publish it with an atomic.Pointer: readers load it without waiting; writers keep a mutex among themselves",
		verdict: verdict{"makes readers wait for rare writes", "make readers wait for what rarely changes", ""},
	},
	{
		ID: RuleWriterStarvation, Family: FamilyContention, Severity: Warning,
		Fix:     "hold the read lock only while copying what is needed; a scan over everything can work on a snapshot (an immutable value behind an atomic.Pointer), which needs no lock",
		verdict: verdict{"makes writers wait for readers", "make writers wait for readers", ""},
	},
	{
		ID: RuleLoopBlocked, Family: FamilyLoop, Severity: Warning,
		Fix:     "do slow work in another goroutine and let its result come back as an event",
		verdict: verdict{"blocks its event loop", "block its event loop", ""},
	},
	{
		ID: RuleLoopSaturated, Family: FamilyLoop, Severity: Warning,
		Fix:     "let the loop do less for each event: move work that needs no state of the loop to other goroutines, handle several events at a time, or split the state by key over several loops; a longer queue only makes the events older",
		verdict: verdict{"overloads its event loop", "overload its event loop", ""},
	},
	{
		ID: RuleSerialized, Family: FamilySchedule, Severity: Warning,
		Fix:     "move the computation out of the section, give each goroutine its own part and join once at the end, or shard the data by key; if the work is sequential by nature, one goroutine is simpler and faster",
		verdict: verdict{"runs its goroutines one at a time", "run its goroutines one at a time", ""},
	},
	{
		ID: RuleOversubscribed, Family: FamilySchedule, Severity: Warning,
		Fix:     "start one worker per processor (runtime.GOMAXPROCS(0)), or bound the number in flight with a semaphore of that size",
		verdict: verdict{"runs more CPU-bound goroutines than it has processors", "run more CPU-bound goroutines than it has processors", ""},
	},
	{
		ID: RuleSequentialWaits, Family: FamilySchedule, Severity: Warning,
		Fix:     "if the waits do not depend on each other, start them together and wait for all",
		verdict: verdict{"waits in sequence where it could wait once", "wait in sequence where it could wait once", ""},
	},
	{
		ID: RuleSchedLatency, Family: FamilySchedule, Severity: Warning,
		Fix:     "bound the number of goroutines that compute, split long computations into smaller pieces, or add processors",
		verdict: verdict{"waits for processors", "wait for processors", ""},
	},
	{
		ID: RuleCPUStarved, Family: FamilySchedule, Severity: Warning,
		Fix:     "set GOMAXPROCS to the number of cores that the program really has (a container's CPU limit, the default since Go 1.25), and look at what else runs on the machine; durations of running goroutines in this report include that time",
		verdict: verdict{"runs without enough CPU cores", "run without enough CPU cores", ""},
	},
}
