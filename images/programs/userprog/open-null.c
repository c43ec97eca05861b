// Gives open a null pointer.
// shows: a null pointer as a name ends the process.
#include <test.h>

TEST
{
    MUST_DIE(open(NULL));
}
