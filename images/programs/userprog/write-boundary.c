// Writes from a buffer on two pages.
// shows: write reads its buffer across a page border.
#include "sample.h"

TEST
{
    CHECK(create("test.txt", sizeof sample - 1), "create \"test.txt\"");
    int fd = must_open("test.txt");
    const char *text = string_across_boundary(sample);
    CHECK(write(fd, text, sizeof sample - 1) == sizeof sample - 1, "write \"test.txt\"");
    check_file("test.txt", sample, sizeof sample - 1);
}
