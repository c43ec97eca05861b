# x87 instructions with an `into` between each two. Hardware: runs, exits with 0.
# a block of the emulator, but long_block.rs takes it for the end of one and makes no cuts.
# code: 0
# expect: into-x87: exit(0)
.globl main
main:
 xor %eax,%eax
 fninit
 .rept 400
 into
 fabs
 .endr
 ret
