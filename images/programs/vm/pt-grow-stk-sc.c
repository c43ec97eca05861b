// Reads a file into a part of the stack that has never been touched.
// shows: the kernel grows the stack too, by the stack pointer that the program had.
#include <test.h>

static const char text[] = "The kernel writes where the program has not been yet.";

TEST
{
    int size = sizeof text;
    CHECK(create("grow.txt", sizeof text), "create \"grow.txt\"");
    int fd = must_open("grow.txt");
    CHECK(write(fd, text, sizeof text) == size, "write \"grow.txt\"");
    seek(fd, 0);

    char object[65536];
    CHECK(read(fd, object + 32768, sizeof text) == size, "read \"grow.txt\"");
    compare_bytes(object + 32768, text, sizeof text, 0, "grow.txt");
    msg("\"grow.txt\" holds what it should");
}
