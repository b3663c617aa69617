//go:build !concdoctor_portable

#include "textflag.h"

// func Walk(pcs *Short, skip int) int
//
// R3 frame pointer, R4 and R5 the bounds of the stack (the first two words of
// the g), R1 frames to skip, R2 room left, R0 where the next one goes.
TEXT ·Walk(SB), NOSPLIT|NOFRAME, $0-24
	MOVD pcs+0(FP), R0
	MOVD skip+8(FP), R1
	MOVD $8, R2
	MOVD 0(g), R4
	MOVD 8(g), R5
	SUB  $16, R5
	MOVD R29, R3
step:
	CMP  R4, R3
	BLO  done
	CMP  R5, R3
	BHI  done
	MOVD 8(R3), R6
	CBZ  R6, done
	ADD  $1, R3, R4         // the caller's frame lies higher: no loops
	MOVD (R3), R3
	SUBS $1, R1, R1
	BGE  step
	MOVD R6, (R0)
	ADD  $8, R0
	SUBS $1, R2, R2
	BNE  step
	MOVD $8, R7
	MOVD R7, ret+16(FP)
	RET
done:
	MOVD ZR, (R0)
	MOVD $8, R7
	SUB  R2, R7, R7
	MOVD R7, ret+16(FP)
	RET
