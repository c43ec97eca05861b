// Maps a file for reading only, and stores there.
// shows: a mapping without the right to write is read, and ends who stores to it.
// needs: sample.txt
#include "mmap.h"

TEST
{
    int fd = must_open("sample.txt");
    void *map = mmap2(AREA, PAGE_SIZE, PROT_READ, MAP_SHARED, fd, 0);
    CHECK(map == AREA, "mmap2 \"sample.txt\" with PROT_READ");
    compare_bytes(AREA, sample, SAMPLE_SIZE, 0, "sample.txt");
    MUST_DIE(store(AREA, 'x'));
}
