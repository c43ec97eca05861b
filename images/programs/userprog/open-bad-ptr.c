// Gives open an address of the kernel.
// shows: a kernel address as a name ends the process.
#include <test.h>

TEST
{
    MUST_DIE(open((char *)0xc0100000));
}
