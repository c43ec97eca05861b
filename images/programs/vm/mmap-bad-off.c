// Maps a file from an offset that is not the start of a page.
// shows: a mapping begins with a whole page of the file.
// needs: sample.txt
#include "mmap.h"

TEST
{
    int fd = must_open("sample.txt");
    void *map = mmap2(AREA, PAGE_SIZE, PROT_RW, MAP_SHARED, fd, 0x1234);
    CHECK(map_error(map) < 0, "mmap2 \"sample.txt\" from byte 4,660 on");
}
