// Maps a file at addresses that are not the start of a page.
// shows: a mapping starts at the start of a page.
// needs: sample.txt
#include "mmap.h"

TEST
{
    int fd = must_open("sample.txt");
    CHECK(mmap(fd, AREA + 1) == MAP_FAILED, "1 byte into a page");
    CHECK(mmap(fd, AREA + 0x234) == MAP_FAILED, "564 bytes into a page");
    CHECK(mmap(fd, AREA + PAGE_SIZE - 1) == MAP_FAILED, "1 byte before a page");
}
