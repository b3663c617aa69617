package tracefile

// kind is the type byte of an event. The numbers are the format's own, from
// internal/trace/tracev2 of Go's source.
type kind uint8

const (
	evBatch     kind = 1 // head of a batch of one thread's events: generation, thread, time, length
	evStacks    kind = 2 // a batch that holds stacks, each one evStack
	evStack     kind = 3 // id, number of frames, of each: program counter, function, file, line
	evStrings   kind = 4 // a batch that holds strings, each one evString
	evString    kind = 5 // id, length, bytes
	evSamples   kind = 6 // a batch that holds CPU samples, each one evSample
	evSample    kind = 7 // time, thread, processor, goroutine, stack
	evFrequency kind = 8 // clock ticks a second

	evProcsChange kind = 9 // of a timed event all arguments but the first, the ticks since the last: value, stack
	evProcStart   kind = 10
	evProcStop    kind = 11
	evProcSteal   kind = 12
	evProcStatus  kind = 13

	evGoCreate        kind = 14
	evGoCreateSyscall kind = 15
	evGoStart         kind = 16
	evGoDestroy       kind = 17
	evGoDestroySys    kind = 18
	evGoStop          kind = 19
	evGoBlock         kind = 20
	evGoUnblock       kind = 21
	evSyscallBegin    kind = 22
	evSyscallEnd      kind = 23
	evSyscallEndBlock kind = 24
	evGoStatus        kind = 25

	evSTWBegin     kind = 26
	evSTWEnd       kind = 27
	evGCActive     kind = 28
	evGCBegin      kind = 29
	evGCEnd        kind = 30
	evSweepActive  kind = 31
	evSweepBegin   kind = 32
	evSweepEnd     kind = 33
	evAssistActive kind = 34
	evAssistBegin  kind = 35
	evAssistEnd    kind = 36
	evHeapAlloc    kind = 37
	evHeapGoal     kind = 38

	evGoLabel     kind = 39
	evTaskBegin   kind = 40
	evTaskEnd     kind = 41
	evRegionBegin kind = 42
	evRegionEnd   kind = 43
	evLog         kind = 44

	evGoSwitch        kind = 45 // since Go 1.23, as what follows
	evGoSwitchDestroy kind = 46
	evGoCreateBlocked kind = 47
	evGoStatusStack   kind = 48
	evExperimental    kind = 49 // head of a batch in a format of its own: experiment, then as evBatch

	evSync            kind = 50 // since Go 1.25: a batch that holds the frequency and a clock snapshot
	evClockSnapshot   kind = 51 // ticks since the batch's time, monotonic clock, seconds, nanoseconds
	evEndOfGeneration kind = 52 // since Go 1.26, instead of a batch's head

	evAllocFirst kind = 128 // experimental events of the allocator, to evAllocLast
	evAllocLast  kind = 136
)

// The releases that changed the format.
const (
	go122 = 22
	go123 = 23
	go125 = 25
	go126 = 26
)

// Bounds that the format's writer keeps to.
const (
	maxBatchBytes  = 64 << 10
	maxStackFrames = 128
	maxStringBytes = 1 << 10
)

// allocArgs is how many arguments the experimental events have after the time.
var allocArgs = [evAllocLast - evAllocFirst + 1]int{3, 3, 1, 2, 2, 1, 2, 2, 1}

// names are those of events that an error may have to name.
var names = map[kind]string{
	evProcsChange: "ProcsChange", evProcStart: "ProcStart", evProcStop: "ProcStop", evProcSteal: "ProcSteal", evProcStatus: "ProcStatus",
	evGoCreate: "GoCreate", evGoCreateSyscall: "GoCreateSyscall", evGoStart: "GoStart", evGoDestroy: "GoDestroy", evGoDestroySys: "GoDestroySyscall",
	evGoStop: "GoStop", evGoBlock: "GoBlock", evGoUnblock: "GoUnblock", evSyscallBegin: "GoSyscallBegin", evSyscallEnd: "GoSyscallEnd",
	evSyscallEndBlock: "GoSyscallEndBlocked", evGoStatus: "GoStatus", evSTWBegin: "STWBegin", evSTWEnd: "STWEnd",
	evGCActive: "GCActive", evGCBegin: "GCBegin", evGCEnd: "GCEnd", evSweepActive: "GCSweepActive", evSweepBegin: "GCSweepBegin",
	evSweepEnd: "GCSweepEnd", evAssistActive: "GCMarkAssistActive", evAssistBegin: "GCMarkAssistBegin", evAssistEnd: "GCMarkAssistEnd",
	evHeapAlloc: "HeapAlloc", evHeapGoal: "HeapGoal", evGoLabel: "GoLabel", evTaskBegin: "UserTaskBegin", evTaskEnd: "UserTaskEnd",
	evRegionBegin: "UserRegionBegin", evRegionEnd: "UserRegionEnd", evLog: "UserLog", evGoSwitch: "GoSwitch",
	evGoSwitchDestroy: "GoSwitchDestroy", evGoCreateBlocked: "GoCreateBlocked", evGoStatusStack: "GoStatusStack",
}
