// int syscall(int number, ...)
//
// A C caller leaves the return address at (%esp), the number above it and the
// arguments above that. The kernel wants the number at (%esp): with the return
// address taken away the stack is just as it wants it. The kernel keeps all
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
