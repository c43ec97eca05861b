// Reads from an address where nothing is.
// shows: an access outside all regions ends the process.
#include <test.h>

TEST
{
    MUST_DIE(*(volatile int *)0x04000000);
}
