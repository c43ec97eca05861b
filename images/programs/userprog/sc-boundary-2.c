// Makes an exit call whose argument itself lies on two pages, with something on both.
// shows: a single argument can lie across a page border.
#include <test.h>

TEST
{
    char *words = across_boundary(7);
    memcpy(words, (int[]){ SYS_EXIT, 67 << 24 | 67 }, 8);
    __asm__ volatile("movl %0, %%esp; int $0x30" : : "r"(words));
    fail("still alive");
}
