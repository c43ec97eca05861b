// Reads a file into a buffer on two pages.
// shows: read fills a buffer across a page border.
// needs: sample.txt
#include "sample.h"

TEST
{
    int fd = must_open("sample.txt");
    char *buffer = across_boundary(sizeof sample / 2);
    CHECK(read(fd, buffer, sizeof sample - 1) == sizeof sample - 1, "read \"sample.txt\"");
    compare_bytes(buffer, sample, sizeof sample - 1, 0, "sample.txt");
}
