// Reads a file into its own code.
// shows: code pages are read-only for what the kernel writes on a program's behalf.
// needs: sample.txt
#include <test.h>

int main(void);

TEST
{
    int fd = must_open("sample.txt");
    MUST_DIE(read(fd, (char *)main, 1));
}
