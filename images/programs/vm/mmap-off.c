// Maps the second half of a file, and no more of it.
// shows: a mapping can begin in the middle of a file.
#include "mmap.h"

TEST
{
    make_file("data", NULL, 4 * PAGE_SIZE);
    int fd = must_open("data");
    seek(fd, 2 * PAGE_SIZE);
    REQUIRE(write(fd, sample, SAMPLE_SIZE) == (int)SAMPLE_SIZE, "write \"data\"");
    void *map = mmap2(AREA, 2 * PAGE_SIZE, PROT_RW, MAP_SHARED, fd, 2 * PAGE_SIZE);
    CHECK(map == AREA, "mmap2 \"data\" from page 2 on");
    compare_bytes(AREA, sample, SAMPLE_SIZE, 2 * PAGE_SIZE, "data");
    memcpy(AREA + PAGE_SIZE, sample, SAMPLE_SIZE);
    char text[SAMPLE_SIZE];
    seek(fd, 3 * PAGE_SIZE);
    REQUIRE(read(fd, text, SAMPLE_SIZE) == (int)SAMPLE_SIZE, "read \"data\"");
    CHECK(memcmp(text, sample, SAMPLE_SIZE) == 0, "a store to its second page is in page 3");
    MUST_DIE(load(AREA + 2 * PAGE_SIZE));
}
