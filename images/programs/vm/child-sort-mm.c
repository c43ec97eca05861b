// Sorts the bytes of the file that its argument names, in a mapping of it, and
// exits with 42; a child of page-merge-mm.
// shows: a file is sorted where it is mapped.
#include "mmap.h"

int main(int argc, char *argv[])
{
    REQUIRE(argc == 2, "a file's name is needed");
    int fd;
    open_and_map(argv[1], AREA, &fd);
    sort_bytes(AREA, (size_t)filesize(fd));
    return 42;
}
