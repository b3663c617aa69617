//go:build !concdoctor_portable

#include "textflag.h"

// MARK makes the mark of the function that the frame at FRAME called: R4 is the lowest
// address of the stack, R5 how far above it the highest frame can lie, R9 the distance to
// store.
#define MARK(FRAME) \
	MOVD m+0(FP), R0      \
	MOVD 0(g), R4 \
	MOVD 8(g), R10 \
	SUB  R4, R10, R10     \
	SUB  $16, R10, R5     \
	MOVD 8(FRAME), R6     \
	MOVD (FRAME), R3      \
	MOVD ZR, R7           \
	MOVD ZR, R8           \
	MOVD ZR, R9           \
	SUB  R4, R3, R2       \
	CMP  R5, R2           \
	BHI  store            \
	MOVD 8(R3), R7        \
	MOVD (R3), R3         \
	SUB  R4, R3, R2       \
	CMP  R5, R2           \
	BHI  store            \
	MOVD 8(R3), R8        \
	MOVD (R3), R3         \
	SUB  R4, R3, R2       \
	CMP  R5, R2           \
	BHI  store            \
	SUB  R2, R10, R9 \
store:                        \
	STP  (R6, R7), 0(R0)  \
	MOVD R8, 16(R0)       \
	MOVW R9, 24(R0)

// func MarkHere(m *Mark)
TEXT ·MarkHere(SB), NOSPLIT|NOFRAME, $0-8
	MARK(R29)
	RET

// func MarkCaller(m *Mark)
TEXT ·MarkCaller(SB), NOSPLIT|NOFRAME, $0-8
	MOVD (R29), R3          // the frame of the method that called the function
	MARK(R3)
	RET

// One step of the walk, as in Walk.
#define STEP(OFFSET) \
	SUB  R4, R3, R2     \
	CMP  R5, R2         \
	BHI  done           \
	MOVD 8(R3), R2      \
	MOVD R2, OFFSET(R0) \
	MOVD (R3), R3

// func resume(above uint32, pcs *Short) uintptr
TEXT ·resume(SB), NOSPLIT|NOFRAME, $0-24
	MOVD  0(g), R4          // g.stack.lo
	MOVD  8(g), R5          // g.stack.hi
	MOVWU above+0(FP), R6
	SUB   R6, R5, R6        // the frame to look for
	SUB   R4, R5, R5
	SUB   $16, R5, R5
	MOVD  R29, R3
	MOVD  ZR, R7
search:
	SUB  R4, R3, R2
	CMP  R5, R2
	BHI  done
	MOVD (R3), R8
	CMP  R6, R8
	BEQ  found
	BHI  done               // it is further up: there is no such frame
	CMP  R3, R8
	BLS  done               // frames lie above each other
	MOVD R8, R3
	B    search
found:
	MOVD 8(R3), R7
	MOVD R8, R3
	MOVD pcs+8(FP), R0
	STEP(24)
	STEP(32)
	STEP(40)
	STEP(48)
	STEP(56)
done:
	MOVD R7, ret+16(FP)
	RET
