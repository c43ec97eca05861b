# iret in ring 3 with EFLAGS.VM set, to a virtual-8086 address whose page is not mapped.
# Hardware: VM is ignored at CPL 3; CS 0x1000 is a bad selector: #GP(0x1000), the program is killed.
# code: 1
# expect: (#GP General Protection Exception)
# expect: error=00001000
# expect: iret-vm86: exit(-1)
.globl main
main:
 pushl $0x20202
 pushl $0x1000
 pushl $0
 iret
