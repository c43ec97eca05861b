// Reads from address 0.
// shows: a user program that reads through a null pointer is ended.
#include <test.h>

TEST
{
    MUST_DIE(*(volatile int *)0);
}
