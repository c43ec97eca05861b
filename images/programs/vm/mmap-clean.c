// Maps a file, reads it in memory, and has it changed by write(), through the
// end of the mapping and another one.
// shows: pages of a mapping that were not stored to are never written back.
// needs: sample.txt
#include "mmap.h"

static const char text[] = "not for the mapping to undo";

TEST
{
    int fd = must_open("sample.txt");
    mapid_t map;
    CHECK((map = mmap(fd, AREA)) != MAP_FAILED, "mmap \"sample.txt\"");
    compare_bytes(AREA, sample, SAMPLE_SIZE, 0, "sample.txt");
    CHECK(write(fd, text, sizeof text - 1) == sizeof text - 1, "write \"sample.txt\"");
    munmap(map);

    char expected[SAMPLE_SIZE];
    memcpy(expected, sample, SAMPLE_SIZE);
    memcpy(expected, text, sizeof text - 1);
    check_file("sample.txt", expected, SAMPLE_SIZE);
}
