// Tries to write to its own executable, before and after it has run itself as
// a child, as often as its argument tells.
// shows: a child that runs an executable keeps it from being written.
#include <test.h>

static void try_to_write(void)
{
    int fd = must_open("child-rox");
    char byte;
    REQUIRE(read(fd, &byte, 1) == 1, "read \"child-rox\"");
    seek(fd, 0);
    CHECK(write(fd, &byte, 1) == 0, "try to write \"child-rox\"");
    close(fd);
}

int main(int argc, char *argv[])
{
    int processes = argc > 1 ? atoi(argv[1]) : 1;
    try_to_write();
    if (processes > 1) {
        char command[32];
        snprintf(command, sizeof command, "child-rox %d", processes - 1);
        int status = run(command);
        REQUIRE(status == 12, "child has status %d", status);
        try_to_write();
    }
    return 12;
}
