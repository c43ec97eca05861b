// Maps a file private, twice, and shared, and stores everywhere.
// shows: stores to a private mapping are its own: neither the file nor another mapping sees them.
#include <pages.h>

#define PAGES 4

TEST
{
    make_file("data", NULL, PAGES * PAGE_SIZE);
    int fd = must_open("data");
    uint8_t *shared = map_file(AREA, PAGES, MAP_SHARED, fd, 0);
    fill_pages(shared, PAGES, 10);
    uint8_t *one = map_file(AREA_2, PAGES, MAP_PRIVATE, fd, 0);
    uint8_t *two = map_file(AREA_2 + 16 * PAGE_SIZE, PAGES, MAP_PRIVATE, fd, 0);
    check_pages(one, PAGES, 10, "the first private one");
    fill_page(one, 20);
    fill_page(two + PAGE_SIZE, 30);
    msg("stores to the private mappings");
    check_pages(shared, PAGES, 10, "the shared one");
    check_page(two, 10, "page 0 of the second private one");
    check_page(one + PAGE_SIZE, 11, "page 1 of the first private one");

    fill_page(shared, 40);
    msg("a store to the shared one");
    check_page(one, 20, "page 0 of the first private one");
    check_page(shared, 40, "page 0 of the shared one");
    for (int round = 0; round < 2; round++) {
        advise(one, PAGES, MADV_PAGEOUT);
        advise(two, PAGES, MADV_PAGEOUT);
        check_page(one, 20, "page 0 of the first, paged out");
        check_page(two + PAGE_SIZE, 30, "page 1 of the second, paged out");
    }
    REQUIRE(munmap2(one, PAGES * PAGE_SIZE) == 0, "munmap2");
    REQUIRE(munmap2(two, PAGES * PAGE_SIZE) == 0, "munmap2");
    check_page(shared, 40, "page 0 in the end");
    check_pages(shared + PAGE_SIZE, PAGES - 1, 11, "the rest in the end");
    msg("the file holds what was stored to the shared one");
}
