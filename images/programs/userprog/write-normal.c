// Writes a text to a new file and reads it back.
// shows: write puts bytes into a file.
#include "sample.h"

TEST
{
    CHECK(create("test.txt", sizeof sample - 1), "create \"test.txt\"");
    int fd = must_open("test.txt");
    CHECK(write(fd, sample, sizeof sample - 1) == sizeof sample - 1, "write \"test.txt\"");
    close(fd);
    check_file("test.txt", sample, sizeof sample - 1);
}
