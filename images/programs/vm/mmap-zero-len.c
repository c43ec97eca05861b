// Maps no byte of a file.
// shows: a mapping has at least one page.
// needs: sample.txt
#include "mmap.h"

TEST
{
    int fd = must_open("sample.txt");
    void *map = mmap2(AREA, 0, PROT_RW, MAP_SHARED, fd, 0);
    CHECK(map_error(map) < 0, "mmap2 \"sample.txt\" with length 0");
}
