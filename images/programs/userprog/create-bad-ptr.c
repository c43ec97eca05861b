// Gives create an address where nothing is.
// shows: a bad pointer as a name ends the process.
#include <test.h>

TEST
{
    MUST_DIE(create((char *)0x20101234, 0));
}
