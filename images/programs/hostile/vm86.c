// Has children that try to get into virtual 8086 mode by an IRET with the VM
// flag and I/O privilege, and do something there. Hardware does not let ring 3
// do so and refuses the IRET for its code selector.
// shows: virtual-8086 mode is of no use to a program: its process ends, and no other.
// layout: low
#include <test.h>

// The segment in which the program lies, and its offset in memory.
#define SEGMENT 0x1000
#define BASE 0x10000

#define FLAGS 0x23202u // VM, IOPL 3, IF, and the bit that is always set

static uint8_t stack[4096];

// Starts code at `offset`, of 16 bits, with all segments alike.
static void enter(uint32_t offset)
{
    uint32_t pointer = (uint32_t)(stack + sizeof stack) - BASE;
    __asm__ volatile("pushl %1\n\t"
                     "pushl %1\n\t"
                     "pushl %1\n\t"
                     "pushl %1\n\t"
                     "pushl %1\n\t"
                     "pushl %2\n\t"
                     "pushl %3\n\t"
                     "pushl %1\n\t"
                     "pushl %0\n\t"
                     "iret"
                     : : "r"(offset), "r"(SEGMENT), "r"(pointer), "r"(FLAGS) : "memory");
}

// Enters the lines of assembly that follow, and a HLT after them.
#define TRY(...)                                                    \
    do {                                                            \
        uint32_t start;                                             \
        __asm__ volatile("movl $1f, %0\n\t"                         \
                         "jmp 2f\n\t"                               \
                         ".code16\n\t"                              \
                         "1: " __VA_ARGS__ "; hlt\n\t"              \
                         ".code32\n\t"                              \
                         "2:" : "=r"(start));                       \
        enter(start - BASE);                                        \
    } while (0)

static void attempt(int number)
{
    switch (number) {
    case 0:
        TRY("nop");
        break;
    case 1:
        TRY("movw $0xf000, %%ax; movw %%ax, %%ds; movb 0x123, %%al");
        break;
    case 2:
        TRY("int $0x30");
        break;
    case 3:
        TRY("movl $1, %%eax; pushl %%eax; movzwl %%sp, %%esp; addl $0x10000, %%esp; int $0x30");
        break;
    case 4:
        TRY("cli; sti; pushfw; popfw; inb $0x60, %%al");
        break;
    case 5:
        TRY("movl %%cr0, %%eax");
        break;
    case 6:
        TRY("xorw %%ax, %%ax; movw %%ax, %%ss; movw $0x100, %%sp; pushw %%ax");
        break;
    case 7:
        TRY("movl $300000, %%ecx; 3: decl %%ecx; jnz 3b");
        break;
    case 8:
        TRY("movw $0x2000, %%ax; movw %%ax, %%es; movw $0xfff0, %%di; movw $64, %%cx; cld; rep stosb");
        break;
    case 9:
        TRY("ljmpw $0xffff, $0x10");
        break;
    case 10:
        TRY("int $0x80");
        break;
    case 11:
        TRY("xorw %%cx, %%cx; divw %%cx");
        break;
    case 12:
        TRY("pushw $0x3202; pushw %%cs; pushw $0xfff0; iretw");
        break;
    case 13:
        TRY("movl $0x12345678, %%ebx; movb (%%ebx), %%al");
        break;
    case 14:
        TRY("movl $0xc0100000, %%ebx; movl $0, -0x10000(%%ebx)");
        break;
    default:
        TRY("sysenter");
    }
}

int main(int argc, char *argv[])
{
    if (argc > 1) {
        attempt(atoi(argv[1]));
        exit(-1);
    }
    msg("begin");
    for (int i = 0; i < 16; i++) {
        char command[32];
        snprintf(command, sizeof command, "vm86 %d", i);
        msg("attempt %d: %d", i, run(command));
    }
    msg("end");
    return 0;
}
