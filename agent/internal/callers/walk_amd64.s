//go:build !concdoctor_portable

#include "textflag.h"

// func Walk(pcs *Short, skip int) int
//
// AX frame pointer, R9 and R10 the bounds of the stack (the first two words of
// the g), SI frames to skip, CX room left, DI where the next one goes.
TEXT ·Walk(SB), NOSPLIT|NOFRAME, $0-24
	MOVQ pcs+0(FP), DI
	MOVQ skip+8(FP), SI
	MOVQ $8, CX
	MOVQ (TLS), R8
	MOVQ 0(R8), R9
	MOVQ 8(R8), R10
	SUBQ $16, R10
	MOVQ BP, AX
step:
	CMPQ AX, R9
	JB   done
	CMPQ AX, R10
	JA   done
	MOVQ 8(AX), DX
	TESTQ DX, DX
	JZ   done
	LEAQ 1(AX), R9          // the caller's frame lies higher: no loops
	MOVQ (AX), AX
	SUBQ $1, SI
	JGE  step
	MOVQ DX, (DI)
	ADDQ $8, DI
	SUBQ $1, CX
	JNZ  step
	MOVQ $8, ret+16(FP)
	RET
done:
	MOVQ $0, (DI)
	MOVQ $8, AX
	SUBQ CX, AX
	MOVQ AX, ret+16(FP)
	RET
