// Makes an exit call whose argument would lie in kernel memory.
// shows: the arguments of a call are checked, not only its number.
#include <test.h>

TEST
{
    msg("the number of exit as the last word of user memory");
    __asm__ volatile("movl $0xbffffffc, %%esp; movl %0, (%%esp); int $0x30" : : "i"(SYS_EXIT));
    fail("still alive");
}
