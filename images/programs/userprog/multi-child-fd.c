// Opens a file and has a child close and use that descriptor.
// shows: a child cannot reach the open files of its parent.
// needs: child-close sample.txt
#include <test.h>

TEST
{
    int fd = must_open("sample.txt");
    char command[32];
    snprintf(command, sizeof command, "child-close %d", fd);
    msg("child's status is %d", run(command));
    char byte;
    CHECK(read(fd, &byte, 1) == 1, "read \"sample.txt\"");
}
