// Stores to a mapped file, and reads it after the mapping is gone.
#include "nonce.h"

#define PAGES 24
#define WORDS ((int)PAGE_SIZE / 4)
#define PLACE ((uint32_t *)0x10000000)

int main(int argc, char *argv[])
{
    msg("begin");
    seed(argv[argc - 1]);
    REQUIRE(create("numbers", PAGES * PAGE_SIZE), "create");
    int fd = must_open("numbers");
    mapid_t map = mmap(fd, PLACE);
    REQUIRE(map != MAP_FAILED, "mmap");
    for (int step = 0; step < 4 * PAGES; step++) {
        uint32_t *page = PLACE + next() % PAGES * WORDS;
        uint32_t word = next() % WORDS;
        page[word] = next() + page[(word + 1) % WORDS];
    }
    munmap(map);
    uint32_t sums[PAGES];
    for (int page = 0; page < PAGES; page++) {
        uint32_t words[WORDS];
        REQUIRE(read(fd, words, PAGE_SIZE) == PAGE_SIZE, "read page %d", page);
        sums[page] = sum(words, WORDS);
    }
    msg("the file: %08x", sum(sums, PAGES));
    return 0;
}
