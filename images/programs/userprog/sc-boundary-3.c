// Makes a system call whose number lies half in kernel memory.
// shows: a call's number that lies only partly in valid memory ends the process.
#include <test.h>

TEST
{
    msg("int $0x30 with two bytes of the number in user memory");
    __asm__ volatile("movl $0xbffffffe, %esp; int $0x30");
    fail("still alive");
}
