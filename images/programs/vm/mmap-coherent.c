// Changes a file of forty pages by write() and through a mapping, in turn, and
// reads it the other way each time.
// shows: read and write agree with a mapping of the file at any time.
#include "mmap.h"

#define PAGES 40

TEST
{
    make_file("data", NULL, PAGES * PAGE_SIZE);
    int fd;
    mapid_t map = open_and_map("data", AREA, &fd);
    for (uint32_t i = 0; i < PAGES; i++) {
        uint32_t at = i * PAGE_SIZE + 40 * i;
        uint32_t word = 1000 + i;
        uint32_t got;
        seek(fd, at);
        REQUIRE(write(fd, &word, 4) == 4, "write in page %u", i);
        got = *(volatile uint32_t *)(AREA + at);
        REQUIRE(got == word, "page %u: written %u, in the mapping %u", i, word, got);
        word = 2000 + i;
        *(volatile uint32_t *)(AREA + at) = word;
        seek(fd, at);
        REQUIRE(read(fd, &got, 4) == 4, "read in page %u", i);
        REQUIRE(got == word, "page %u: stored %u, read %u", i, word, got);
    }
    msg("40 pages agree");
    // Across a border, and past it.
    seek(fd, 7 * PAGE_SIZE - 3);
    REQUIRE(write(fd, "border", 6) == 6, "write across a border");
    REQUIRE(memcmp(AREA + 7 * PAGE_SIZE - 3, "border", 6) == 0, "the mapping across a border");
    munmap(map);
    for (uint32_t i = 0; i < PAGES; i++) {
        uint32_t got;
        seek(fd, i * PAGE_SIZE + 40 * i);
        REQUIRE(read(fd, &got, 4) == 4 && got == 2000 + i, "page %u in the end", i);
    }
    msg("and so they do in the end");
}
