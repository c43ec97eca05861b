// Reads a file into kernel memory.
// shows: a kernel address as a buffer ends the process.
// needs: sample.txt
#include <test.h>

TEST
{
    int fd = must_open("sample.txt");
    MUST_DIE(read(fd, (char *)0xc0100000, 123));
}
