// Stores to every page of a mapped file of 1 MiB, several times over, and walks
// through as much other memory in between.
// shows: dirty pages of a mapping go to their file when they are evicted, and come back from there.
#include "mmap.h"

#define PAGES 256

static volatile uint32_t other[PAGES * PAGE_SIZE / 4];

TEST
{
    make_file("large", NULL, PAGES * PAGE_SIZE);
    int fd;
    mapid_t map = open_and_map("large", AREA, &fd);
    volatile uint32_t *words = (uint32_t *)AREA;
    for (uint32_t round = 1; round <= 3; round++) {
        for (uint32_t i = 0; i < PAGES; i++) {
            uint32_t at = i * PAGE_SIZE / 4 + i;
            REQUIRE(words[at] == (round - 1) * (i + 1), "round %u: page %u", round, i);
            words[at] += i + 1;
        }
        for (uint32_t i = 0; i < PAGES; i++)
            other[i * PAGE_SIZE / 4] += round;
        msg("round %u", round);
    }
    munmap(map);
    for (uint32_t i = 0; i < PAGES; i++) {
        uint32_t word;
        seek(fd, i * PAGE_SIZE + 4 * i);
        REQUIRE(read(fd, &word, 4) == 4 && word == 3 * (i + 1), "page %u of the file", i);
        REQUIRE(other[i * PAGE_SIZE / 4] == 6, "page %u of the other memory", i);
    }
    msg("the file holds what was stored");
}
