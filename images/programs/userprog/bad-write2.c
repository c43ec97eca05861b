// Writes to kernel memory.
// shows: user programs cannot write to the kernel.
#include <test.h>

TEST
{
    MUST_DIE(*(volatile int *)0xc0000000 = 42);
}
