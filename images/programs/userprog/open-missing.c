// Tries to open a file that is not there.
// shows: open of a missing file returns -1.
#include <test.h>

TEST
{
    msg("open(\"no-such-file\"): %d", open("no-such-file"));
}
