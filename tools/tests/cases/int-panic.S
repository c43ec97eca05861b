# movmskps with a memory operand (invalid on hardware: #UD), which the emulator executes; then an int with a number
# that no exception has. Hardware: #UD at the first instruction.
# code: 1
# expect: (#UD Invalid Opcode Exception)
# expect: int-panic: exit(-1)
.globl main
main:
 .byte 0x0f,0x50,0x07
 int $0x80
