// Makes an exit call whose number and argument lie on two pages.
// shows: a call's arguments can lie across a page border.
#include <test.h>

TEST
{
    int *words = across_boundary(sizeof(int));
    words[0] = SYS_EXIT;
    words[1] = 42;
    __asm__ volatile("movl %0, %%esp; int $0x30" : : "r"(words));
    fail("still alive");
}
