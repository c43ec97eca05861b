// Maps a file for reading only, and stores there.
// shows: a read-only mapping can be read, and a store to it ends the process.
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
