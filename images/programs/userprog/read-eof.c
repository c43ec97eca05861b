// Reads more than there is, at the end and past it.
// shows: read returns what is left, then 0.
// needs: sample.txt
#include "sample.h"

TEST
{
    int size = sizeof sample - 1;
    int fd = must_open("sample.txt");
    char buffer[1000];
    seek(fd, size - 10);
    CHECK(read(fd, buffer, sizeof buffer) == 10, "read the last 10 bytes");
    compare_bytes(buffer, sample + size - 10, 10, size - 10, "sample.txt");
    CHECK(read(fd, buffer, sizeof buffer) == 0, "read at the end");
    seek(fd, 1000000);
    CHECK(read(fd, buffer, sizeof buffer) == 0, "read past the end");
    CHECK(tell(fd) == 1000000, "the position stays past the end");
}
