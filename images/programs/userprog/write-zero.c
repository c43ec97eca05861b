// Writes no bytes.
// shows: a write of 0 bytes returns 0.
// needs: sample.txt
#include "sample.h"

TEST
{
    char byte = 123;
    int fd = must_open("sample.txt");
    CHECK(write(fd, &byte, 0) == 0, "write 0 bytes");
    check_file("sample.txt", sample, sizeof sample - 1);
}
