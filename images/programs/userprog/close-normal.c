// Opens a file and closes it.
// shows: a closed descriptor is of no use any more.
// needs: sample.txt
#include <test.h>

TEST
{
    int fd = must_open("sample.txt");
    msg("close \"sample.txt\"");
    close(fd);
    char byte;
    CHECK(read(fd, &byte, 1) == -1, "read from the closed descriptor");
}
