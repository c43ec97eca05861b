# `lock bt %ebx,%ecx` across the border of two pages, the second of which is not in a frame yet. No self-modification.
# Hardware: #UD, the program is killed.
# code: 1
# expect: (#UD Invalid Opcode Exception)
# expect: lock-border: exit(-1)
.globl main
main:
 jmp f
.p2align 12
 .skip 4096*3-1, 0x90
f: .byte 0xf0,0x0f,0xa3,0xd9
 .skip 8192, 0x90
 ret
