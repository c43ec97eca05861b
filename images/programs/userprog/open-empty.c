// Tries to open a file whose name is empty.
// shows: open of an empty name returns -1.
#include <test.h>

TEST
{
    msg("open(\"\"): %d", open(""));
}
