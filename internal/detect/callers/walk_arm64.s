//go:build !concdoctor_portable

#include "textflag.h"

// One step of the walk: R3 is a frame pointer, R4 the lowest address of the stack,
// R5 how far above it the highest frame can lie. A pointer outside ends the walk,
// and so does the eighth step, so garbage is never followed for long.
#define STEP(PC) \
	SUB  R4, R3, R2  \
	CMP  R5, R2      \
	BHI  store       \
	MOVD 8(R3), PC   \
	MOVD (R3), R3

// func Walk(pcs *Short)
//
// The program counters are kept in registers until the walk is over, as on amd64.
TEXT ·Walk(SB), NOSPLIT|NOFRAME, $0-8
	MOVD 0(g), R4           // g.stack.lo
	MOVD 8(g), R5           // g.stack.hi
	SUB  R4, R5, R5
	SUB  $16, R5, R5
	MOVD (R29), R3          // leave out the function that calls Walk
	MOVD ZR, R6
	MOVD ZR, R7
	MOVD ZR, R8
	MOVD ZR, R9
	MOVD ZR, R10
	MOVD ZR, R11
	MOVD ZR, R12
	MOVD ZR, R13
	STEP(R6)
	STEP(R7)
	STEP(R8)
	STEP(R9)
	STEP(R10)
	STEP(R11)
	STEP(R12)
	STEP(R13)
store:
	MOVD pcs+0(FP), R0
	STP (R6, R7), 0(R0)
	STP (R8, R9), 16(R0)
	STP (R10, R11), 32(R0)
	STP (R12, R13), 48(R0)
	RET
