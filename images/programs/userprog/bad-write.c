// Writes to address 0.
// shows: a user program that writes through a null pointer is ended.
#include <test.h>

TEST
{
    MUST_DIE(*(volatile int *)0 = 42);
}
