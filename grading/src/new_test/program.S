// A test in assembly. The library calls main() with argc and argv on the stack, and exits with
// what main() leaves in %eax. C functions of the library can be called as well.
        .text
        .globl  main
main:
        pushl   $length
        pushl   $text
        pushl   $1              // the console
        pushl   $9              // write: the number at (%esp), the arguments above it
        int     $0x30
        addl    $16, %esp
        xorl    %eax, %eax
        ret

        .section .rodata
text:   .ascii  "(@NAME@-asm) hello from assembly\n"
        .set    length, . - text

        .section .note.GNU-stack, "", @progbits
