// Asks for pages in swap and in a file before it needs them.
// shows: MADV_WILLNEED brings pages in, so that their use does not wait for a disk.
#include <pages.h>

#define PAGES 12

static void check_in(const uint8_t *start, bool room, const char *what)
{
    for (uint32_t i = 0; i < PAGES; i++)
        REQUIRE(in_frame(start + i * PAGE_SIZE) || !room, "page %u of %s is in no frame", i, what);
}

TEST
{
    make_file("data", NULL, PAGES * PAGE_SIZE);
    int fd = must_open("data");
    uint8_t *memory = map_zero(AREA, PAGES);
    uint8_t *file = map_file(AREA_2, PAGES, MAP_SHARED, fd, 0);
    fill_pages(memory, PAGES, 100);
    fill_pages(file, PAGES, 200);
    bool room = roomy(2 * PAGES + 24);
    for (int round = 0; round < 3; round++) {
        advise(memory, PAGES, MADV_PAGEOUT);
        advise(file, PAGES, MADV_PAGEOUT);
        advise(memory, PAGES, MADV_WILLNEED);
        check_in(memory, room, "memory");
        advise(file, PAGES, MADV_WILLNEED);
        check_in(file, room, "the file");

        unsigned reads = stats_now().major_faults;
        check_pages(memory, PAGES, 100, "memory");
        check_pages(file, PAGES, 200, "the file");
        unsigned later = stats_now().major_faults;
        REQUIRE(!room || later <= reads + 2, "%u faults had to wait", later - reads);
    }
    msg("3 rounds");
    // More than there are frames is no mistake.
    uint8_t *large = map_zero(AREA + 1024 * PAGE_SIZE, 700);
    for (uint32_t i = 0; i < 700; i++)
        store(large + i * PAGE_SIZE, (uint8_t)i);
    advise(large, 700, MADV_PAGEOUT);
    advise(large, 700, MADV_WILLNEED);
    for (uint32_t i = 0; i < 700; i++)
        REQUIRE(load(large + i * PAGE_SIZE) == (uint8_t)i, "page %u", i);
    msg("700 pages");
}
