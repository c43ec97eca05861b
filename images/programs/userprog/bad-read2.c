// Reads kernel memory.
// shows: user programs cannot read the kernel.
#include <test.h>

TEST
{
    MUST_DIE(*(volatile int *)0xc0000000);
}
