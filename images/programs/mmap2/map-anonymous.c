// Maps 64 pages of zeros, stores to some, and maps them anew.
// shows: anonymous memory is zero when it is new, cheap while it is untouched, gone when unmapped.
#include <pages.h>

#define PAGES 64

TEST
{
    struct vmstat before = stats_now();
    uint8_t *large = map_zero(AREA_2, 128 * 1024);
    REQUIRE(stats_now().page_tables <= before.page_tables + 1, "page tables for untouched memory");
    msg("512 MiB cost nothing");
    store(large + 512 * 1024 * 1024 - 1, 'x');
    REQUIRE(load(large) == 0, "the first byte");
    REQUIRE(load(large + 512 * 1024 * 1024 - 1) == 'x', "the last byte");

    for (int round = 0; round < 3; round++) {
        uint8_t *pages = map_zero(AREA, PAGES);
        check_zero(pages, PAGES * PAGE_SIZE, "new memory");
        fill_pages(pages, PAGES, 5);
        check_pages(pages, PAGES, 5, "used memory");
        CHECK(munmap2(pages, PAGES * PAGE_SIZE) == 0, "round %d", round);
    }
    REQUIRE(munmap2(large, 512 * 1024 * 1024) == 0, "munmap2 of 512 MiB");
}
