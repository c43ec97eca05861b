// Writes one piece of the file of syn-write, in small blocks, and exits with
// the number in its argument.
// shows: a piece of a file is written while others write as well.
#include "sync.h"

int main(int argc, char *argv[])
{
    REQUIRE(argc == 2, "a number is needed");
    int number = atoi(argv[1]);
    make_contents();
    int fd = must_open("data");
    for (int i = 0; i < PIECE; i += 50) {
        int at = number * PIECE + i;
        seek(fd, (unsigned)at);
        REQUIRE(write(fd, contents + at, 50) == 50, "write at %d", at);
    }
    return number;
}
