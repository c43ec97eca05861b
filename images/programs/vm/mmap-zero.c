// Maps an empty file, which may be refused, and touches where it would be.
// shows: an empty file gives no memory.
#include "mmap.h"

TEST
{
    make_file("empty", NULL, 0);
    int fd = must_open("empty");
    msg("mmap \"empty\"");
    mmap(fd, AREA);
    MUST_DIE(load(AREA));
}
