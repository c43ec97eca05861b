// Touches a mapping after its end.
// shows: after munmap nothing is mapped there.
// needs: sample.txt
#include "mmap.h"

TEST
{
    int fd = must_open("sample.txt");
    mapid_t map;
    CHECK((map = mmap(fd, AREA)) != MAP_FAILED, "mmap \"sample.txt\"");
    REQUIRE(load(AREA) == 'A', "the first byte is %#x", load(AREA));
    munmap(map);
    MUST_DIE(load(AREA));
}
