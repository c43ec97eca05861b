// Reads the file of syn-read byte by byte, and exits with the number in its
// argument.
// shows: single bytes are read in order while others read as well.
#include "sync.h"

int main(int argc, char *argv[])
{
    REQUIRE(argc == 2, "a number is needed");
    make_contents();
    int fd = must_open("data");
    for (size_t i = 0; i < sizeof contents; i++) {
        char byte;
        REQUIRE(read(fd, &byte, 1) == 1, "read at %zu", i);
        compare_bytes(&byte, contents + i, 1, i, "data");
    }
    return atoi(argv[1]);
}
