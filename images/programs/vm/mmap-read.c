// Maps a file and compares what is there with its text.
// shows: a mapped file can be read as memory, with zeros up to the end of its last page.
// needs: sample.txt
#include "mmap.h"

TEST
{
    int fd = must_open("sample.txt");
    mapid_t map;
    CHECK((map = mmap(fd, AREA)) != MAP_FAILED, "mmap \"sample.txt\"");
    compare_bytes(AREA, sample, SAMPLE_SIZE, 0, "sample.txt");
    check_zero(AREA + SAMPLE_SIZE, PAGE_SIZE - SAMPLE_SIZE, "the rest of the page");
    munmap(map);
    close(fd);
}
