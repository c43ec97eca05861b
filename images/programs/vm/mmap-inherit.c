// Maps a file and runs a child that touches the same address.
// shows: a program that is started by exec has none of its parent's mappings.
// needs: sample.txt child-inherit
#include "mmap.h"

TEST
{
    int fd = must_open("sample.txt");
    mapid_t map;
    CHECK((map = mmap(fd, AREA)) != MAP_FAILED, "mmap \"sample.txt\"");
    compare_bytes(AREA, sample, SAMPLE_SIZE, 0, "sample.txt");
    CHECK(run("child-inherit") == -1, "child-inherit is killed");
    compare_bytes(AREA, sample, SAMPLE_SIZE, 0, "sample.txt");
    munmap(map);
}
