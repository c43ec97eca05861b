// Writes to descriptors that are not open.
// shows: write to a descriptor that is not open returns -1.
#include <test.h>

TEST
{
    static const int fds[] = { 0x20101234, 7, 2546, -5, -8192, 2147483647, -2147483647 - 1 };
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        REQUIRE(write(fds[i], "text", 4) == -1, "write to descriptor %d", fds[i]);
}
