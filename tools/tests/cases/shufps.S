# 470 shufps in a row. Hardware: runs, exits with 0.
# code: 0
# expect: shufps: exit(0)
.globl main
main:
 .rept 480
 shufps $8,%xmm1,%xmm0
 .endr
 xor %eax,%eax
 ret
