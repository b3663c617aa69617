//go:build !concdoctor_portable

#include "textflag.h"

// func Walk(pcs *Short)
//
// AX frame pointer, DX the frame before it, R10 the end of the stack (the second
// word of the g, less what a frame takes), CX room left, DI where the next goes.
// Frames lie higher and higher, so a walk that follows garbage ends.
TEXT ·Walk(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ pcs+0(FP), DI
	MOVQ (TLS), R8
	MOVQ 8(R8), R10
	SUBQ $16, R10
	MOVQ $8, CX
	MOVQ SP, DX
	MOVQ (BP), AX           // leave out the function that calls Walk
step:
	CMPQ AX, DX
	JBE  done
	CMPQ AX, R10
	JA   done
	MOVQ 8(AX), R8
	MOVQ AX, DX
	MOVQ (AX), AX
	MOVQ R8, (DI)
	ADDQ $8, DI
	SUBQ $1, CX
	JNZ  step
	RET
done:
	MOVQ $0, (DI)
	RET
