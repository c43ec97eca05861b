# Self-modifying code (segment rwx): two stores turn the next instruction into `lock bt %eax,%eax`.
# Hardware: #UD at the instruction, the program is killed.
# code: 1
# expect: (#UD Invalid Opcode Exception)
# expect: hazard-abrt: exit(-1)
.section .wtext,"awx",@progbits
.globl main
main:
 movw $0x0ff0, t
 movb $0xa3, t+2
t: .byte 0x90,0x90,0x90,0xc0,0xc3
