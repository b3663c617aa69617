package inject

import "github.com/concdoctor/concdoctor/internal/zerotouch/patch"

// recordable is where programs record, as a build constraint; see Available.
const recordable = "linux && (amd64 || arm64)"

// liesAlone is what the allocators of small objects do first.
const liesAlone = "if concdoctorMayBeLock(typ) && concdoctorAlone(typ) { return mallocgcSmallNoScanSC2(concdoctorAloneSize, nil, needzero) }"

func runtimeOps() []patch.Op {
	return []patch.Op{
		patch.AddField{Struct: "g", Field: "concdoctor uintptr"},

		// The tape begins and ends.
		// Not before main has set the limit of stacks: where coverage is measured of the
		// runtime itself the limit is zero until then.
		// And not before it is bound to the main thread, or it could go on with another.
		patch.Before{Func: "main", Call: "doInit(runtime_inittasks)", Insert: "concdoctorInit()"},
		patch.Before{Func: "main", Call: "fn()", Insert: "concdoctorPart(tapePartNone)"},
		patch.Enter{Func: "runExitHooks", Insert: "concdoctorExit(int32(code))"},
		patch.Before{Func: "checkdead", Call: `fatal("all goroutines are asleep - deadlock!")`, Insert: "concdoctorEnd(tapeEndAsleep, 2)"},
		patch.Before{Func: "checkdead", Call: `fatal("no goroutines (main called runtime.Goexit) - deadlock!")`, Insert: "concdoctorEnd(tapeEndAsleep, 2)"},
		patch.Enter{Func: "fatalpanic", Insert: "concdoctorEnd(tapeEndPanicked, 2)"},
		patch.Enter{Func: "fatalthrow", Insert: "concdoctorEnd(tapeEndFatal, 2)"},
		patch.Signature{Func: "syscall_Exit", Type: "func(code int)"},
		patch.Enter{Func: "syscall_Exit", Insert: "concdoctorEnd(tapeEndExited, int32(code))"},
		patch.Signature{Func: "fatalsignal", Type: "func(sig uint32, c *sigctxt, gp *g, mp *m) *g", If: recordable},
		patch.Enter{Func: "fatalsignal", Insert: "concdoctorSignaled(sig)", If: recordable},
		patch.Signature{Func: "dieFromSignal", Type: "func(sig uint32)", If: recordable},
		patch.Enter{Func: "dieFromSignal", Insert: "concdoctorSignaled(sig)", If: recordable},
		patch.Enter{Func: "syscall_runtime_BeforeExec", Insert: "concdoctorReplaces(true)"},
		patch.Enter{Func: "syscall_runtime_AfterExec", Insert: "concdoctorReplaces(false)"},

		// A full disk is not the program's affair.
		patch.Signature{Func: "sigtrampgo", Type: "func(sig uint32, info *siginfo, ctx unsafe.Pointer)", If: recordable},
		patch.Enter{Func: "sigtrampgo", Insert: "if concdoctorFault(sig, info) { return }", If: recordable},

		// Goroutines come and go.
		patch.Signature{Func: "newproc1", Type: "func(fn *funcval, callergp *g, callerpc uintptr, parked bool, waitreason waitReason) *g"},
		patch.Rename{Func: "newproc1", To: "concdoctorNewproc1"},
		patch.Signature{Func: "newproc", Type: "func(fn *funcval)"},
		patch.Enter{Func: "newproc", Insert: "if concdoctorPerturbed { concdoctorForks() }"},
		patch.Signature{Func: "gdestroy", Type: "func(gp *g)"},
		patch.Enter{Func: "gdestroy", Insert: "if concdoctorOn { concdoctorDied(gp) }"},

		// Threads of C call Go.
		patch.Enter{Func: "dropm", Insert: "if concdoctorOn { concdoctorThreadEnds() }"},
		patch.Signature{Func: "cgocallbackg1", Type: "func(fn, frame unsafe.Pointer, ctxt uintptr)"},
		patch.Enter{Func: "cgocallbackg1", Insert: "if concdoctorOn { concdoctorThreadCalls() }"},

		// Channels. The field lies where the struct has two bytes to spare.
		patch.Field{Struct: "hchan", Name: "elemsize", Type: "uint16"},
		patch.AddField{Struct: "hchan", After: "elemsize", Field: "concdoctor uint16"},
		patch.Signature{Func: "chansend", Type: "func(c *hchan, ep unsafe.Pointer, block bool, callerpc uintptr) bool"},
		patch.Enter{Func: "chansend", Insert: "if concdoctorOn && !concdoctorChanAgain(c, tapeSideSend, block) { concdoctorChan(c, tapeSideSend, block, ep) }"},
		patch.Before{Func: "chansend", Call: "gopark(chanparkcommit, unsafe.Pointer(&c.lock), reason, traceBlockChanSend, 2)", Insert: "if concdoctorOn { concdoctorPark(c, tapeSideSend) }"},
		patch.Before{Func: "chansend", Call: "KeepAlive(ep)", Insert: "if concdoctorOn { concdoctorAwaited() }"},
		patch.Replace{Func: "chansend", Old: `plainError("send on closed channel")`, New: "concdoctorSentClosed(c)", Times: 2},
		patch.Signature{Func: "chanrecv", Type: "func(c *hchan, ep unsafe.Pointer, block bool) (selected, received bool)"},
		patch.Enter{Func: "chanrecv", Insert: "if concdoctorOn && !concdoctorChanAgain(c, tapeSideRecv, block) { concdoctorChan(c, tapeSideRecv, block, nil) }"},
		patch.Before{Func: "chanrecv", Call: "gopark(chanparkcommit, unsafe.Pointer(&c.lock), reason, traceBlockChanRecv, 2)", Insert: "if concdoctorOn { concdoctorPark(c, tapeSideRecv) }"},
		patch.Before{Func: "chanrecv", Call: "releaseSudog(mysg)", Insert: "if concdoctorOn { concdoctorReceived(c, success) }"},
		patch.Signature{Func: "closechan", Type: "func(c *hchan)"},
		patch.Enter{Func: "closechan", Insert: "if concdoctorOn { concdoctorClose(c) }"},
		patch.Replace{Func: "closechan", Old: `plainError("close of closed channel")`, New: "concdoctorClosedTwice(c)"},
		patch.Signature{Func: "selectgo", Type: "func(cas0 *scase, order0 *uint16, pc0 *uintptr, nsends, nrecvs int, block bool) (int, bool)"},
		patch.Enter{Func: "selectgo", Insert: "if concdoctorOn { concdoctorSelect(cas0, nsends, nrecvs) }"},
		patch.Before{Func: "selectgo", Call: "gopark", Insert: "if concdoctorOn { concdoctorSelectPark(cas0, nsends, nrecvs) }"},
		patch.Before{Func: "selectgo", Call: "releaseSudog(sglist)", Insert: "if concdoctorOn { concdoctorAwaited() }"},
		patch.Replace{Func: "selectgo", Old: `plainError("send on closed channel")`, New: "concdoctorSentClosed(c)"},
		patch.Enter{Func: "block", Insert: "if concdoctorOn { concdoctorForever() }"},

		// The monitor reads the clock.
		patch.Signature{Func: "retake", Type: "func(now int64) uint32"},
		patch.Enter{Func: "retake", Insert: "if concdoctorOn { concdoctorTick(now) }"},
		patch.Field{Struct: "schedt", Name: "sysmonwait", Type: "atomic.Bool"},

		// A waiter for a lock is woken.
		patch.Signature{Func: "readyWithTime", Type: "func(s *sudog, traceskip int)"},
		patch.Enter{Func: "readyWithTime", Insert: "if concdoctorOn { concdoctorWoken(s.g) }"},

		// A collection knows what is not reached any longer.
		patch.Before{Func: "gcMarkTermination", Call: "setGCPhase(_GCoff)", Insert: "if concdoctorOn { concdoctorCollected() }"},
		patch.Signature{Func: "(*mspan).objIndex", Type: "func(p uintptr) uintptr"},
		patch.Field{Struct: "mspan", Name: "elemsize", Type: "uintptr"},
		patch.Field{Struct: "mspan", Name: "specials", Type: "*special"},
		patch.Field{Struct: "special", Name: "offset", Type: "uintptr"},
		patch.Field{Struct: "special", Name: "kind", Type: "byte"},
		patch.Exists{Name: "_KindSpecialFinalizer"},

		// What the added files call.
		patch.Signature{Func: "newInlineUnwinder", Type: "func(f funcInfo, pc uintptr) (inlineUnwinder, inlineFrame)"},
		patch.Signature{Func: "timeSleep", Type: "func(ns int64)"},
		patch.Signature{Func: "gogetenv", Type: "func(key string) string"},
		patch.Field{Struct: "hchan", Name: "timer", Type: "*timer"},
		patch.Field{Struct: "hchan", Name: "closed", Type: "uint32"},
		patch.Field{Struct: "scase", Name: "c", Type: "*hchan"},
		patch.Field{Struct: "scase", Name: "elem", Type: "unsafe.Pointer"},
		patch.Field{Struct: "hchan", Name: "elemtype", Type: "*_type"},
		patch.Field{Struct: "g", Name: "goid", Type: "uint64"},
		patch.Field{Struct: "g", Name: "startpc", Type: "uintptr"},
		patch.Exists{Name: "work"},
	}
}

// proofOps let the collector find which goroutines are lost, as exactly as it can.
func proofOps() []patch.Op {
	return []patch.Op{
		// A reader asks which goroutines are lost; the one that collects after minutes is woken for it.
		patch.Before{Func: "forcegchelper", Call: "gcStart", Insert: "concdoctorLookAsked()"},

		// Small locks lie alone.
		patch.Signature{Func: "mallocgcTiny", Type: "func(size uintptr, typ *_type) (unsafe.Pointer, uintptr)", If: "go1.26"},
		patch.Signature{Func: "mallocgcSmallNoScanSC2", Type: "func(size uintptr, typ *_type, needzero bool) unsafe.Pointer", If: "go1.26"},
		patch.Enter{Func: "mallocgcTiny", Insert: "if concdoctorMayBeLock(typ) && concdoctorAlone(typ) { return mallocgcSmallNoscan(concdoctorAloneSize, nil, true) }", If: "go1.26"},
		patch.Enter{Func: "mallocgcTinySize8", Or: "mallocTiny8", Insert: liesAlone, If: "go1.26 && !go1.27"},
		patch.Enter{Func: "mallocgcTinySize12", Or: "mallocTiny12", Insert: liesAlone, If: "go1.26 && !go1.27"},
		patch.Enter{Func: "mallocgcTinySC2", Insert: liesAlone, If: "go1.27"},

		// A look goes through global variables last.
		patch.Signature{Func: "findGoroutineLeaks", Type: "func() bool", If: "go1.26"},
		patch.Rename{Func: "findGoroutineLeaks", To: "concdoctorFindGoroutineLeaks", If: "go1.26"},
		patch.Rename{Func: "isMarkedOrNotInHeap", To: "concdoctorIsMarkedOrNotInHeap", If: "go1.26"},
		patch.Signature{Func: "isMarkedOrNotInHeap", Type: "func(p unsafe.Pointer) bool", If: "go1.26"},
		patch.Signature{Func: "markrootBlock", Type: "func(b0, n0 uintptr, ptrmask0 *uint8, gcw *gcWork, shard int) int64", If: "go1.26"},
		patch.Enter{Func: "markrootBlock", Insert: "if concdoctorSkipsGlobals { return 0 }", If: "go1.26"},
		patch.Enter{Func: "gcMarkTinyAllocs", Insert: "concdoctorSkipGlobals()", If: "go1.26"},
		patch.Field{Struct: "timers", Name: "heap", Type: "[]timerWhen", If: "go1.26"},
		patch.Replace{Func: "gcMarkTinyAllocs", Old: "c == nil || c.tiny == 0", New: "c == nil || c.tiny == 0 || concdoctorLeavesTiny(c)", If: "go1.26"},
		patch.Field{Struct: "mcache", Name: "tiny", Type: "uintptr"},

		// What the added files call.
		patch.Signature{Func: "newm", Type: "func(fn func(), pp *p, id int64)"},
		patch.Signature{Func: "injectglist", Type: "func(glist *gList)"},
		patch.Signature{Func: "goroutineLeakGC", Type: "func()", If: "go1.26"},
		patch.Exists{Name: "forcegc"},
	}
}

func syncOps() []patch.Op {
	return []patch.Op{
		patch.Rename{Func: "(*Mutex).Lock", To: "concdoctorLock"},
		patch.Rename{Func: "(*Mutex).TryLock", To: "concdoctorTryLock"},
		patch.Rename{Func: "(*Mutex).Unlock", To: "concdoctorUnlock"},
		patch.Field{Struct: "Mutex", Name: "mu", Type: "isync.Mutex"},

		// The inner mutex of an RWMutex reports nothing. One more frame stands between the
		// program and the semaphore, which profiles leave out.
		patch.Rename{Func: "(*RWMutex).Lock", To: "concdoctorLock"},
		patch.Replace{Func: "(*RWMutex).Lock", Old: "rw.w.Lock()", New: "rw.w.mu.Lock()"},
		patch.Replace{Func: "(*RWMutex).Lock", Old: "runtime_SemacquireRWMutex(&rw.writerSem, false, 0)", New: "runtime_SemacquireRWMutex(&rw.writerSem, false, 1)"},
		patch.Rename{Func: "(*RWMutex).TryLock", To: "concdoctorTryLock"},
		patch.Replace{Func: "(*RWMutex).TryLock", Old: "rw.w.TryLock()", New: "rw.w.mu.TryLock()"},
		patch.Replace{Func: "(*RWMutex).TryLock", Old: "rw.w.Unlock()", New: "rw.w.mu.Unlock()"},
		patch.Rename{Func: "(*RWMutex).Unlock", To: "concdoctorUnlock"},
		patch.Replace{Func: "(*RWMutex).Unlock", Old: "runtime_Semrelease(&rw.readerSem, false, 0)", New: "runtime_Semrelease(&rw.readerSem, false, 1)"},
		patch.Replace{Func: "(*RWMutex).Unlock", Old: "rw.w.Unlock()", New: "rw.w.mu.Unlock()"},
		patch.Rename{Func: "(*RWMutex).RLock", To: "concdoctorRLock"},
		patch.Replace{Func: "(*RWMutex).RLock", Old: "runtime_SemacquireRWMutexR(&rw.readerSem, false, 0)", New: "runtime_SemacquireRWMutexR(&rw.readerSem, false, 1)"},
		patch.Rename{Func: "(*RWMutex).TryRLock", To: "concdoctorTryRLock"},
		patch.Rename{Func: "(*RWMutex).RUnlock", To: "concdoctorRUnlock"},
		patch.Replace{Func: "(*RWMutex).rUnlockSlow", Old: "runtime_Semrelease(&rw.writerSem, false, 1)", New: "runtime_Semrelease(&rw.writerSem, false, 2)"},

		patch.Enter{Func: "(*WaitGroup).Add", Insert: "if concdoctorOn { concdoctorGroup(unsafe.Pointer(wg), delta) }"},
		patch.Replace{Func: "(*WaitGroup).Add", Old: `"sync: negative WaitGroup counter"`, New: `concdoctorPanic(wg, "sync: negative WaitGroup counter")`},
		patch.Replace{Func: "(*WaitGroup).Add", Old: `"sync: WaitGroup misuse: Add called concurrently with Wait"`, New: `concdoctorPanic(wg, "sync: WaitGroup misuse: Add called concurrently with Wait")`, Times: 2},
		patch.Enter{Func: "(*WaitGroup).Wait", Insert: "if concdoctorOn { concdoctorAwaits(unsafe.Pointer(wg)) }"},
		patch.Before{Func: "(*WaitGroup).Wait", Call: "runtime_SemacquireWaitGroup", Insert: "if concdoctorOn { concdoctorAwait(unsafe.Pointer(wg), tapeKindWaitGroup) }"},
		patch.Replace{Func: "(*WaitGroup).Wait", Old: "wg.state.Load() != 0", New: "concdoctorReused(wg)"},
		patch.Replace{Func: "(*WaitGroup).Wait", Old: `"sync: WaitGroup is reused before previous Wait has returned"`, New: `concdoctorPanic(wg, "sync: WaitGroup is reused before previous Wait has returned")`},

		// Between the check of its condition and Wait a goroutine misses signals that come
		// without the lock.
		patch.Enter{Func: "(*Cond).Wait", Insert: "if concdoctorPerturbed { concdoctorPoint(unsafe.Pointer(c), 0) }"},
		patch.Before{Func: "(*Cond).Wait", Call: "runtime_notifyListWait", Insert: "if concdoctorOn { concdoctorAwait(unsafe.Pointer(c), tapeKindCond) }"},
		patch.Before{Func: "(*Cond).Wait", Call: "c.L.Lock()", Insert: "if concdoctorOn { concdoctorAwaited() }"},
		patch.Enter{Func: "(*Cond).Signal", Insert: "if concdoctorOn { concdoctorSignal(unsafe.Pointer(c), concdoctorLockOf(c.L)) }"},
		patch.Enter{Func: "(*Cond).Broadcast", Insert: "if concdoctorOn { concdoctorSignal(unsafe.Pointer(c), concdoctorLockOf(c.L)) }"},
	}
}

func testingOps() []patch.Op {
	return []patch.Op{
		// The end is recorded before the goroutine that waits for the test learns of it, and may exit.
		patch.Enter{Func: "MainStart", Insert: "concdoctorTestMain()"},
		patch.Enter{Func: "tRunner", Insert: "concdoctorTestBegin(t.name)"},
		patch.Before{Func: "tRunner", Call: "t.report()", Insert: "concdoctorEnds(&t.common)"},
		patch.Enter{Func: "fRunner", Insert: "concdoctorTestBegin(f.name)"},
		patch.Before{Func: "fRunner", Call: "f.report()", Insert: "concdoctorEnds(&f.common)"},
		patch.Enter{Func: "(*B).runN", Insert: "if b.parent != nil { concdoctorTestBegin(b.name); defer concdoctorEnds(&b.common) }"},
		// A test that takes too long panics in a function of a timer.
		patch.Before{Func: "(*M).startAlarm", Call: `debug.SetTraceback("all")`, Insert: "concdoctorTimedOut(int64(*timeout))"},
		patch.Field{Struct: "common", Name: "mu", Type: "sync.RWMutex"},
		patch.Field{Struct: "common", Name: "failed", Type: "bool"},
		patch.Field{Struct: "common", Name: "name", Type: "string"},
	}
}

// timeOps and contextOps record that a function which is called later comes after the call
// that asked for it.
func timeOps() []patch.Op {
	return []patch.Op{
		patch.Signature{Func: "AfterFunc", Type: "func(d Duration, f func()) *Timer"},
		patch.Replace{Func: "AfterFunc", Old: "newTimer(when(d), 0, goFunc, f, nil)", New: "newTimer(when(d), 0, goFunc, concdoctorAfter(f), nil)"},
	}
}

func contextOps() []patch.Op {
	return []patch.Op{
		patch.Signature{Func: "AfterFunc", Type: "func(ctx Context, f func()) (stop func() bool)"},
		patch.Field{Struct: "afterFuncCtx", Name: "f", Type: "func()"},
		patch.Before{Func: "AfterFunc", Call: "a.cancelCtx.propagateCancel(ctx, a)", Insert: "a.f = concdoctorAfter(f)"},
	}
}

func semaphoreOps() []patch.Op {
	return []patch.Op{
		patch.Field{Struct: "Weighted", Name: "size", Type: "int64"},
		patch.Signature{Func: "(*Weighted).Acquire", Type: "func(ctx context.Context, n int64) error"},
		patch.Rename{Func: "(*Weighted).Acquire", To: "concdoctorAcquire"},
		patch.Signature{Func: "(*Weighted).Release", Type: "func(n int64)"},
		patch.Rename{Func: "(*Weighted).Release", To: "concdoctorRelease"},
	}
}
