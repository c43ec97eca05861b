# A page with a long row of x87 instructions is run (so it gets "cuts"), then leaves its frame; then an invalid
# instruction is executed. Hardware: #UD, the program is killed.
# code: 1
# expect: (#UD Invalid Opcode Exception)
# expect: cut-ud: exit(-1)
.globl main
main:
 call dense
 push $21                  # MADV_PAGEOUT
 push $4096
 push $dense
 push $69                  # madvise
 int $0x30
 add $16,%esp
 .byte 0x0f,0x0b           # ud2
 ret
.p2align 12
 .skip 8192
dense:
 fninit
 .rept 900
 fabs
 .endr
 ret
.p2align 12
