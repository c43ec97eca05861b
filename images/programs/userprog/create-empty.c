// Tries to create a file whose name is empty.
// shows: a file needs a name.
#include <test.h>

TEST
{
    msg("create(\"\"): %d", create("", 0));
}
