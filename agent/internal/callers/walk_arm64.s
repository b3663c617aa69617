//go:build !concdoctor_portable

#include "textflag.h"

// func Walk(pcs *Short)
//
// R3 frame pointer, R4 the frame before it, R5 the end of the stack (the second
// word of the g, less what a frame takes), R2 room left, R0 where the next goes.
// Frames lie higher and higher, so a walk that follows garbage ends.
TEXT ·Walk(SB), NOSPLIT|NOFRAME, $0-8
	MOVD pcs+0(FP), R0
	MOVD 8(g), R5
	SUB  $16, R5
	MOVD $8, R2
	SUB  $16, RSP, R4
	MOVD (R29), R3          // leave out the function that calls Walk
step:
	CMP  R4, R3
	BLS  done
	CMP  R5, R3
	BHI  done
	MOVD 8(R3), R6
	MOVD R3, R4
	MOVD (R3), R3
	MOVD R6, (R0)
	ADD  $8, R0
	SUBS $1, R2, R2
	BNE  step
	RET
done:
	MOVD ZR, (R0)
	RET
