// Makes a system call with the stack pointer where nothing is.
// shows: the kernel does not trust the stack pointer.
#include <test.h>

TEST
{
    msg("int $0x30 with a bad stack pointer");
    __asm__ volatile("movl $0x04000000, %esp; int $0x30");
    fail("still alive");
}
