// Gives exec an address where nothing is.
// shows: a bad pointer in exec ends the process.
#include <test.h>

TEST
{
    MUST_DIE(exec((char *)0x20101234));
}
