# A page that is dense with x87 code is run, then marked cold (its A bit is cleared) and not touched again.
# Hardware: A stays clear. This only shows that the program ends; emu/cpu/tests/spurious_bits.rs tests the A bit.
# code: 1
.globl main
main:
 call dense
 push $20                  # MADV_COLD
 push $4096
 push $dense
 push $69                  # madvise
 int $0x30
 add $16,%esp
 mov $100,%ebx
1: push $75                # getpid
 int $0x30
 pop %eax
 dec %ebx
 jnz 1b
 push $0
 push $0
 int $0x30                 # halt
.p2align 12
 .skip 8192
dense:
 fninit
 .rept 900
 fabs
 .endr
 ret
.p2align 12
