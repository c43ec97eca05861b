// Reads no bytes.
// shows: a read of 0 bytes returns 0 and leaves the buffer alone.
// needs: sample.txt
#include <test.h>

TEST
{
    char byte = 123;
    int fd = must_open("sample.txt");
    CHECK(read(fd, &byte, 0) == 0, "read 0 bytes");
    CHECK(byte == 123, "the buffer is as it was");
}
