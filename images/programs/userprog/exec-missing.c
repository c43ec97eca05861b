// Tries to start a program that is not there.
// shows: exec of a missing file returns -1, and the parent goes on.
#include <test.h>

TEST
{
    msg("exec(\"no-such-file\"): %d", exec("no-such-file"));
}
