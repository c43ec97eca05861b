# x87 instructions with an `into` between each two: it does not end a block of the emulator, but was
# once taken for the end of one. Hardware: runs, exits with 0.
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
