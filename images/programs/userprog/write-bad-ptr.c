// Writes from an address where nothing is.
// shows: a bad pointer as a buffer ends the process.
// needs: sample.txt
#include <test.h>

TEST
{
    int fd = must_open("sample.txt");
    MUST_DIE(write(fd, (char *)0x10123420, 123));
}
