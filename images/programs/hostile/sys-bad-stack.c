// Has children make system calls, and take faults, with impossible stack
// pointers.
// shows: whatever the stack pointer is, only its process is harmed.
#include <test.h>

static void bad_stack(uint32_t pointer, bool fault)
{
    if (fault)
        __asm__ volatile("movl %0, %%esp; pushl %%eax" : : "r"(pointer));
    else
        __asm__ volatile("movl %0, %%esp; int $0x30" : : "r"(pointer));
    fail("still alive");
}

int main(int argc, char *argv[])
{
    static const uint32_t pointers[] = { 0, 1, 0xfff, 0xc0000003, PHYS_BASE + 0x1000, 0xffffffff,
                                         0xfffffffc, 0x10000000 };
    if (argc > 1) {
        int number = atoi(argv[1]);
        bad_stack(pointers[number / 2], number % 2 != 0);
    }
    msg("begin");
    for (int i = 0; i < 16; i++) {
        char command[32];
        snprintf(command, sizeof command, "sys-bad-stack %d", i);
        msg("%s at %#x: %d", i % 2 != 0 ? "push" : "call", pointers[i / 2], run(command));
    }
    msg("end");
    return 0;
}
