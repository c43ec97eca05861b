// Has children that read 32, 33 and 64 bytes below a stack pointer which is at
// the lower end of the stack's last page.
// shows: the stack grows for accesses down to 32 bytes below %esp and not beyond.
#include <test.h>

// Reads `distance` bytes below a stack pointer that is on a page border, the
// page below it being fresh.
static void read_below(unsigned distance)
{
    __asm__ volatile("movl %%esp, %%edx\n\t"
                     "andl $0xfffff000, %%esp\n\t"
                     "subl $8192, %%esp\n\t"
                     "movl %%esp, %%ecx\n\t"
                     "pushl $1\n\t"
                     "popl %%eax\n\t"
                     "subl $4096, %%ecx\n\t"
                     "movl %%ecx, %%esp\n\t"
                     "subl %0, %%ecx\n\t"
                     "movb (%%ecx), %%al\n\t"
                     "movl %%edx, %%esp\n\t"
                     : : "D"(distance) : "eax", "ecx", "edx", "memory");
}

int main(int argc, char *argv[])
{
    if (argc > 1) {
        read_below((unsigned)atoi(argv[1]));
        return 7;
    }
    msg("begin");
    msg("1 byte below: %d", run("pt-grow-edge 1"));
    msg("32 bytes below: %d", run("pt-grow-edge 32"));
    msg("33 bytes below: %d", run("pt-grow-edge 33"));
    msg("64 bytes below: %d", run("pt-grow-edge 64"));
    msg("end");
    return 0;
}
