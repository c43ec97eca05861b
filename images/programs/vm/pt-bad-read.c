// Reads a file into an address far below the stack pointer.
// shows: a system call into memory that the stack may not grow to ends the process.
// needs: sample.txt
#include <test.h>

TEST
{
    int fd = must_open("sample.txt");
    char *far_below = (char *)((uintptr_t)&fd - 2 * PAGE_SIZE);
    MUST_DIE(read(fd, far_below, 1));
}
