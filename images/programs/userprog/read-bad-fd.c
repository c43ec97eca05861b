// Reads from descriptors that are not open.
// shows: read from a descriptor that is not open returns -1.
#include <test.h>

TEST
{
    static const int fds[] = { 0x20101234, 5, 1234, -1, -1024, 2147483647, -2147483647 - 1 };
    char buffer[16];
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        REQUIRE(read(fds[i], buffer, sizeof buffer) == -1, "read from descriptor %d", fds[i]);
}
