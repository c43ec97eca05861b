// int syscall(int number, ...)
//
// A C caller leaves the return address at (%esp), the number above it and the
// arguments above that. The kernel expects the number at (%esp): without the
// return address the stack is just as it expects. The kernel preserves all
// registers but %eax, and C lets us use %ecx.
        .text
        .globl  syscall
        .type   syscall, @function
syscall:
        popl    %ecx
        int     $0x30
        pushl   %ecx
        ret
        .size   syscall, . - syscall

        .section .note.GNU-stack, "", @progbits
