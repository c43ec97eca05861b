// Has pages of each kind paged out, and counts what was written.
// shows: MADV_PAGEOUT sends memory to swap and dirty pages to their file, and destroys nothing.
#include <pages.h>

#define PAGES 10

TEST
{
    make_file("data", NULL, PAGES * PAGE_SIZE);
    int fd = must_open("data");
    uint8_t *memory = map_zero(AREA, PAGES);
    uint8_t *file = map_file(AREA_2, PAGES, MAP_SHARED, fd, 0);
    fill_pages(memory, PAGES, 100);
    fill_pages(file, PAGES, 200);
    bool room = roomy(3 * PAGES + 24);
    struct vmstat before = stats_now();
    advise(memory, PAGES, MADV_PAGEOUT);
    struct vmstat after = stats_now();
    REQUIRE(!room || after.swap_writes == before.swap_writes + PAGES, "%u pages went to swap",
            after.swap_writes - before.swap_writes);
    REQUIRE(!room || after.slots_in_use == before.slots_in_use + PAGES, "slots");
    for (uint32_t i = 0; i < PAGES; i++)
        REQUIRE(in_swap(memory + i * PAGE_SIZE) || !room, "page %u is not in swap", i);
    msg("memory is in swap");

    before = stats_now();
    advise(file, PAGES, MADV_PAGEOUT);
    after = stats_now();
    REQUIRE(!room || after.write_backs == before.write_backs + PAGES, "%u pages were written back",
            after.write_backs - before.write_backs);
    REQUIRE(!room || after.swap_writes == before.swap_writes, "pages of a file went to swap");
    msg("dirty pages of a file are in the file");

    check_pages(memory, PAGES, 100, "memory");
    check_pages(file, PAGES, 200, "the file");
    before = stats_now();
    advise(file, PAGES, MADV_PAGEOUT);
    after = stats_now();
    REQUIRE(!room || after.write_backs == before.write_backs, "clean pages were written back");
    msg("clean ones are just dropped");
    check_pages(file, PAGES, 200, "the file");

    // What was only loaded from is zeros: there is nothing to keep.
    uint8_t *zeros = map_zero(AREA + 64 * PAGE_SIZE, PAGES);
    check_zero(zeros, PAGES * PAGE_SIZE, "untouched memory");
    before = stats_now();
    advise(zeros, PAGES, MADV_PAGEOUT);
    after = stats_now();
    REQUIRE(!room || after.swap_writes == before.swap_writes, "zeros went to swap");
    check_zero(zeros, PAGES * PAGE_SIZE, "memory that was paged out");
    msg("and so are zeros");
    for (int round = 0; round < 10; round++) {
        fill_page(memory, 300 + (uint32_t)round);
        advise(memory, 1, MADV_PAGEOUT);
        advise(memory, 1, MADV_PAGEOUT);
        check_page(memory, 300 + (uint32_t)round, "a page that goes to and fro");
    }
    msg("10 times to and fro");
}
