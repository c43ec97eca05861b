// Maps a file at two addresses.
// shows: two mappings of one file in one process are the same memory.
// needs: sample.txt
#include "mmap.h"

TEST
{
    int fd[2];
    mapid_t map[2];
    for (int i = 0; i < 2; i++) {
        uint8_t *at = i == 0 ? AREA : AREA_2;
        fd[i] = must_open("sample.txt");
        CHECK((map[i] = mmap(fd[i], at)) != MAP_FAILED, "mmap \"sample.txt\", %d", i);
        compare_bytes(at, sample, SAMPLE_SIZE, 0, "sample.txt");
    }
    for (size_t i = 0; i < SAMPLE_SIZE; i++) {
        store(AREA + i, (uint8_t)i);
        REQUIRE(load(AREA_2 + i) == (uint8_t)i, "byte %zu stored at the first", i);
        store(AREA_2 + i, (uint8_t)~i);
        REQUIRE(load(AREA + i) == (uint8_t)~i, "byte %zu stored at the second", i);
    }
    msg("each sees what is stored through the other");
    munmap(map[0]);
    for (size_t i = 0; i < SAMPLE_SIZE; i++)
        REQUIRE(load(AREA_2 + i) == (uint8_t)~i, "byte %zu after the end of the first", i);
    msg("the second goes on without the first");
    munmap(map[1]);
}
