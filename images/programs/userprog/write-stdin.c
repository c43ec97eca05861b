// Writes to the keyboard's descriptor.
// shows: the keyboard cannot be written to.
#include <test.h>

TEST
{
    CHECK(write(STDIN_FILENO, "text", 4) == -1, "write to descriptor 0");
}
