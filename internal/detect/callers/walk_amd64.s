//go:build !concdoctor_portable

#include "textflag.h"

// One step of the walk: AX is a frame pointer, DX the lowest address of the stack,
// SI how far above it the highest frame can lie. A pointer outside ends the walk,
// and so does the eighth step, so garbage is never followed for long.
#define STEP(PC) \
	MOVQ AX, CX    \
	SUBQ DX, CX    \
	CMPQ CX, SI    \
	JHI  store     \
	MOVQ 8(AX), PC \
	MOVQ (AX), AX

// func Walk(pcs *Short)
//
// The program counters are kept in registers until the walk is over: a store in
// between can look to the processor like one to the stack that is being read (it
// compares the low bits of addresses first), and cost as much as the whole walk.
TEXT ·Walk(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ (TLS), AX
	MOVQ 0(AX), DX          // g.stack.lo
	MOVQ 8(AX), SI          // g.stack.hi
	SUBQ DX, SI
	SUBQ $16, SI
	MOVQ (BP), AX           // leave out the function that calls Walk
	XORL R8, R8
	XORL R9, R9
	XORL R10, R10
	XORL R11, R11
	XORL R12, R12
	XORL R13, R13
	XORL BX, BX
	XORL DI, DI
	STEP(R8)
	STEP(R9)
	STEP(R10)
	STEP(R11)
	STEP(R12)
	STEP(R13)
	STEP(BX)
	STEP(DI)
store:
	MOVQ pcs+0(FP), AX
	MOVQ R8, 0(AX)
	MOVQ R9, 8(AX)
	MOVQ R10, 16(AX)
	MOVQ R11, 24(AX)
	MOVQ R12, 32(AX)
	MOVQ R13, 40(AX)
	MOVQ BX, 48(AX)
	MOVQ DI, 56(AX)
	RET
