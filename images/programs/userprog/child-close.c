// Closes, reads and writes the descriptor that its argument names, and which
// its parent has open.
// shows: descriptors belong to one process and are not inherited.
#include <test.h>

int main(int argc, char *argv[])
{
    REQUIRE(argc == 2, "one argument is needed");
    int fd = atoi(argv[1]);
    char byte;
    close(fd);
    REQUIRE(read(fd, &byte, 1) == -1, "read from a parent's descriptor");
    REQUIRE(write(fd, &byte, 1) == -1, "write to a parent's descriptor");
    msg("has no descriptor of its parent");
    return 0;
}
