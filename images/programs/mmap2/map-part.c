// Takes away the middle, the ends and the rest of mappings, across several of
// them too.
// shows: any pages of mappings can be unmapped, and what is left works on.
#include <pages.h>

static int do_load(void *at)
{
    return load(at);
}

TEST
{
    make_file("data", NULL, 10 * PAGE_SIZE);
    int fd = must_open("data");
    uint8_t *pages = map_file(AREA, 10, MAP_SHARED, fd, 0);
    uint8_t *zeros = map_zero(AREA + 12 * PAGE_SIZE, 4);
    fill_pages(pages, 10, 50);
    fill_pages(zeros, 4, 80);

    CHECK(munmap2(pages + 4 * PAGE_SIZE, 2 * PAGE_SIZE) == 0, "take pages 4 and 5 away");
    must_kill(do_load, pages + 4 * PAGE_SIZE, "page 4");
    must_kill(do_load, pages + 6 * PAGE_SIZE - 1, "page 5");
    // From the file anew, each from its own place in it.
    advise(pages, 4, MADV_PAGEOUT);
    advise(pages + 6 * PAGE_SIZE, 4, MADV_PAGEOUT);
    check_pages(pages, 4, 50, "pages 0 to 3");
    check_pages(pages + 6 * PAGE_SIZE, 4, 56, "pages 6 to 9");

    // A hole in the range is no error.
    CHECK(munmap2(pages + 8 * PAGE_SIZE, 5 * PAGE_SIZE) == 0, "take pages 8 to 12 away");
    must_kill(do_load, pages + 8 * PAGE_SIZE, "page 8");
    must_kill(do_load, pages + 12 * PAGE_SIZE, "page 12");
    check_pages(zeros + PAGE_SIZE, 3, 81, "pages 13 to 15");

    uint8_t *again = map_file(pages + 4 * PAGE_SIZE, 2, MAP_SHARED, fd, 4);
    check_pages(again, 2, 54, "pages 4 and 5, mapped again");
    fill_page(pages + 2 * PAGE_SIZE, 99);
    CHECK(munmap2(pages, 16 * PAGE_SIZE) == 0, "take all away");
    must_kill(do_load, pages + 13 * PAGE_SIZE, "page 13");
    map_file(pages, 10, MAP_SHARED, fd, 0);
    check_page(pages + 2 * PAGE_SIZE, 99, "page 2 of the file");
    check_pages(pages + 3 * PAGE_SIZE, 7, 53, "the rest of the file");
    msg("the file holds what was stored");
}
