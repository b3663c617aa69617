//go:build !concdoctor_portable

#include "textflag.h"

// MARK makes the mark at BX of the function that the frame at FP called: DX is the lowest
// address of the stack, SI how far above it the highest frame can lie, DI the distance to
// store.
#define MARK(FRAME) \
	MOVQ (TLS), CX     \
	MOVQ m+0(FP), BX   \
	MOVQ 0(CX), DX \
	MOVQ 8(CX), SI \
	SUBQ DX, SI        \
	MOVQ 8(FRAME), R8  \
	MOVQ (FRAME), AX   \
	XORL R9, R9        \
	XORL R10, R10      \
	XORL DI, DI        \
	LEAQ -16(SI), R11  \
	MOVQ AX, CX        \
	SUBQ DX, CX        \
	CMPQ CX, R11       \
	JHI  store         \
	MOVQ 8(AX), R9     \
	MOVQ (AX), AX      \
	MOVQ AX, CX        \
	SUBQ DX, CX        \
	CMPQ CX, R11       \
	JHI  store         \
	MOVQ 8(AX), R10    \
	MOVQ (AX), AX      \
	SUBQ DX, AX        \
	CMPQ AX, R11       \
	JHI  store         \
	MOVL SI, DI \
	SUBL AX, DI \
store:                     \
	MOVQ R8, 0(BX)     \
	MOVQ R9, 8(BX)     \
	MOVQ R10, 16(BX)   \
	MOVL DI, 24(BX)

// func MarkHere(m *Mark)
TEXT ·MarkHere(SB), NOSPLIT|NOFRAME, $0-8
	MARK(BP)
	RET

// func MarkCaller(m *Mark)
TEXT ·MarkCaller(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ (BP), AX           // the frame of the method that called the function
	MARK(AX)
	RET

// One step of the walk, as in Walk.
#define STEP(PC) \
	MOVQ AX, CX    \
	SUBQ DX, CX    \
	CMPQ CX, SI    \
	JHI  done      \
	MOVQ 8(AX), CX \
	MOVQ CX, PC    \
	MOVQ (AX), AX

// func resume(above uint32, pcs *Short) uintptr
TEXT ·resume(SB), NOSPLIT|NOFRAME, $0-24
	MOVQ (TLS), CX
	MOVQ 0(CX), DX          // g.stack.lo
	MOVQ 8(CX), SI          // g.stack.hi
	MOVQ SI, R9
	MOVL above+0(FP), CX
	SUBQ CX, R9             // the frame to look for
	SUBQ DX, SI
	SUBQ $16, SI
	MOVQ BP, AX
	XORL R8, R8
search:
	MOVQ AX, CX
	SUBQ DX, CX
	CMPQ CX, SI
	JHI  done
	MOVQ (AX), BX
	CMPQ BX, R9
	JEQ  found
	JHI  done               // it is further up: there is no such frame
	CMPQ BX, AX
	JLS  done               // frames lie above each other
	MOVQ BX, AX
	JMP  search
found:
	MOVQ 8(AX), R8
	MOVQ BX, AX
	MOVQ pcs+8(FP), BX
	STEP(24(BX))
	STEP(32(BX))
	STEP(40(BX))
	STEP(48(BX))
	STEP(56(BX))
done:
	MOVQ R8, ret+16(FP)
	RET
