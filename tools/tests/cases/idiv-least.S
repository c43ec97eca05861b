# The smallest 64-bit number is divided by -1. Hardware: #DE, the program is killed.
# code: 1
# expect: (#DE Divide Error)
# expect: idiv-least: exit(-1)
.globl main
main:
 mov $0x80000000,%edx
 xor %eax,%eax
 mov $-1,%ecx
 idiv %ecx
 ret
