// Reads from the console's descriptor.
// shows: the console cannot be read.
#include <test.h>

TEST
{
    char buffer[16];
    CHECK(read(STDOUT_FILENO, buffer, sizeof buffer) == -1, "read from descriptor 1");
}
