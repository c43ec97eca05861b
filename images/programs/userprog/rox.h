// What rox-child and rox-multichild do.
#ifndef USERPROG_ROX_H
#define USERPROG_ROX_H

#include <test.h>

// Writes to "child-rox" before, while and after a chain of `processes` runs it.
static void check_protection(int processes)
{
    char command[32];
    char bytes[16];
    int fd = must_open("child-rox");
    CHECK(read(fd, bytes, sizeof bytes) == sizeof bytes, "read \"child-rox\"");
    seek(fd, 0);
    CHECK(write(fd, bytes, sizeof bytes) == sizeof bytes, "write \"child-rox\" before it runs");
    snprintf(command, sizeof command, "child-rox %d", processes);
    int status = run(command);
    msg("child's status is %d", status);
    seek(fd, 0);
    CHECK(write(fd, bytes, sizeof bytes) == sizeof bytes, "write \"child-rox\" after it ended");
}

#endif
