// Tries to write to its own executable.
// shows: the executable of a running process cannot be written to.
#include <test.h>

TEST
{
    int fd = must_open("rox-simple");
    char bytes[16];
    CHECK(read(fd, bytes, sizeof bytes) == sizeof bytes, "read \"rox-simple\"");
    CHECK(write(fd, bytes, sizeof bytes) == 0, "try to write \"rox-simple\"");
}
